using Serverless.Drift.Statistics;

namespace Serverless.Statistics;

/// <summary>
/// Two areas under ROC curves of the same rows, and whether they differ. Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988), by the
/// O(n log n) algorithm of X. Sun and W. Xu, IEEE Signal Processing Letters 21 (2014).
/// </summary>
internal static class DeLong
{
    /// <param name="truth">0 or 1 for each row.</param>
    /// <returns>Null when a class is missing, or has one row: nothing can then be said of the variance.</returns>
    public static AucComparison? Compare(double[] truth, double[] first, double[] second)
    {
        double[]? a = null, b = null;
        Parallel.Invoke(() => a = Placements(truth, first), () => b = Placements(truth, second));
        var positive = new Moments();
        var negative = new Moments();
        for (var i = 0; i < truth.Length; i++)
        {
            if (truth[i] > 0.5) positive.Add(a![i], b![i]);
            else negative.Add(a![i], b![i]);
        }

        if (positive.Count < 2 || negative.Count < 2) return null;
        return new AucComparison(positive.MeanA, positive.MeanB,
            (positive.VarianceA / positive.Count) + (negative.VarianceA / negative.Count),
            (positive.VarianceB / positive.Count) + (negative.VarianceB / negative.Count),
            (positive.Covariance / positive.Count) + (negative.Covariance / negative.Count));
    }

    /// <summary>
    /// For each positive row the share of negative rows that score below it, for each negative row the share of positive rows that score above it, ties half: their mean over
    /// either class is the area.
    /// </summary>
    private static double[] Placements(double[] truth, double[] scores)
    {
        var keys = (double[])scores.Clone();
        var rows = new int[keys.Length];
        for (var i = 0; i < rows.Length; i++) rows[i] = i;
        Array.Sort(keys, rows);
        long positives = 0;
        foreach (var t in truth) positives += t > 0.5 ? 1 : 0;
        var (negatives, positivesBefore, negativesBefore) = (truth.Length - positives, 0L, 0L);
        var placements = new double[truth.Length];
        for (var i = 0; i < keys.Length;)
        {
            var (end, tied) = (i, 0L);
            for (; end < keys.Length && keys[end] == keys[i]; end++) tied += truth[rows[end]] > 0.5 ? 1 : 0;
            if (end == i) return NotOrdered(placements);
            var tiedNegatives = end - i - tied;
            var above = negatives == 0 ? 0 : (negativesBefore + (tiedNegatives / 2.0)) / negatives;
            var below = positives == 0 ? 0 : (positives - positivesBefore - (tied / 2.0)) / positives;
            for (; i < end; i++) placements[rows[i]] = truth[rows[i]] > 0.5 ? above : below;
            positivesBefore += tied;
            negativesBefore += tiedNegatives;
        }

        return placements;
    }

    // A NaN equals nothing, itself included: no area is defined.
    private static double[] NotOrdered(double[] placements)
    {
        Array.Fill(placements, double.NaN);
        return placements;
    }

    // Welford's update, so that small variances beside large means keep their digits.
    private sealed class Moments
    {
        private double squaresA;
        private double squaresB;
        private double products;

        public long Count { get; private set; }

        public double MeanA { get; private set; }

        public double MeanB { get; private set; }

        public double VarianceA => squaresA / (Count - 1);

        public double VarianceB => squaresB / (Count - 1);

        public double Covariance => products / (Count - 1);

        public void Add(double a, double b)
        {
            Count++;
            var (fromA, fromB) = (a - MeanA, b - MeanB);
            MeanA += fromA / Count;
            MeanB += fromB / Count;
            squaresA += fromA * (a - MeanA);
            squaresB += fromB * (b - MeanB);
            products += fromA * (b - MeanB);
        }
    }
}

/// <summary>Two correlated areas with their variances and covariance.</summary>
internal sealed record AucComparison(double First, double Second, double VarianceOfFirst, double VarianceOfSecond, double Covariance)
{
    public double Difference => First - Second;

    /// <summary>Of the difference.</summary>
    public double StandardError => Math.Sqrt(Math.Max(0, VarianceOfFirst + VarianceOfSecond - (2 * Covariance)));

    /// <summary>Two-sided: chance of a difference as large when the areas are equal.</summary>
    public double PValue => double.IsNaN(Difference) ? double.NaN : StandardError > 0 ? ChiSquare.TwoSidedNormal(Difference / StandardError) : Difference == 0 ? 1 : 0;

    public Interval Interval(double confidence)
    {
        var half = NormalQuantile.TwoSided(confidence) * StandardError;
        return new Interval(Math.Max(-1, Difference - half), Math.Min(1, Difference + half), confidence, "delong");
    }
}
