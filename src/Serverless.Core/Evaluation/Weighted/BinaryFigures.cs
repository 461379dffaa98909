namespace Serverless.Evaluation.Weighted;

/// <summary>All metrics of a binary task from rows that are sorted once by their probability, however many weightings follow.</summary>
internal sealed class BinaryFigures : IWeightedFigures
{
    private const double TopShare = 0.1;
    private static readonly string[] Others = ["auc", "pr-auc", "log-loss", "brier", "ece", "ks", "lift-10", "gain-10"];
    private static readonly string[] All = [.. Others, .. BinaryCells.Names];

    // Everything in falling order of the probability.
    private readonly int[] rows;
    private readonly double[] stated;
    private readonly double[] logLoss;
    private readonly byte[] bin;
    private readonly bool[] positive;
    private readonly bool[] last;
    private readonly int cut;

    public BinaryFigures(double[] truth, double[] probabilities, double threshold)
    {
        stated = (double[])probabilities.Clone();
        rows = new int[stated.Length];
        for (var i = 0; i < rows.Length; i++) rows[i] = i;
        Array.Sort(stated, rows);
        Array.Reverse(stated);
        Array.Reverse(rows);
        (logLoss, bin, positive, last) = (new double[rows.Length], new byte[rows.Length], new bool[rows.Length], new bool[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
        {
            positive[i] = truth[rows[i]] > 0.5;
            logLoss[i] = RowLoss.LogLoss(positive[i] ? stated[i] : 1 - stated[i]);
            bin[i] = (byte)CalibrationReport.WidthBin(stated[i]);
            last[i] = i + 1 == rows.Length || stated[i + 1] != stated[i];
            if (stated[i] > threshold) cut = i + 1;
        }
    }

    public IReadOnlyList<string> Names => All;

    public void Compute(ReadOnlySpan<byte> weights, Span<double> values)
    {
        long positives = 0, all = 0, predicted = 0, truePositives = 0;
        double loss = 0, brier = 0;
        Span<double> gaps = stackalloc double[CalibrationReport.Bins];
        gaps.Clear();
        for (var i = 0; i < rows.Length; i++)
        {
            int weight = weights[rows[i]];
            if (weight == 0) continue;
            var outcome = positive[i] ? 1 : 0;
            all += weight;
            positives += weight * outcome;
            if (i < cut)
            {
                predicted += weight;
                truePositives += weight * outcome;
            }

            var difference = stated[i] - outcome;
            loss += weight * logLoss[i];
            brier += weight * (difference * difference);
            gaps[bin[i]] += weight * difference;
        }

        values.Fill(double.NaN);
        if (all == 0) return;
        values[2] = loss / all;
        values[3] = brier / all;
        var error = 0.0;
        foreach (var gap in gaps) error += Math.Abs(gap);
        values[4] = error / all;
        new BinaryCells(truePositives, predicted - truePositives, all - positives - (predicted - truePositives), positives - truePositives).Fill(values[Others.Length..]);
        if (positives > 0) Rank(weights, values, positives, all);
    }

    /// <summary>AUC (Mann-Whitney, ties half), average precision, Kolmogorov-Smirnov of the two classes, and what the best-ranked tenth holds (a tie at its edge counts by its share).</summary>
    private void Rank(ReadOnlySpan<byte> weights, Span<double> values, long positives, long all)
    {
        var negatives = all - positives;
        var top = Math.Ceiling(all * TopShare);
        long tied = 0, tiedPositives = 0, before = 0, positivesBefore = 0;
        double area = 0, average = 0, furthest = 0, found = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            long weight = weights[rows[i]];
            tied += weight;
            if (positive[i]) tiedPositives += weight;
            if (!last[i] || tied == 0) continue;
            var tiedNegatives = tied - tiedPositives;
            area += tiedNegatives * (positivesBefore + (tiedPositives / 2.0));
            if (before < top) found += tiedPositives * Math.Min(1, (top - before) / tied);
            before += tied;
            positivesBefore += tiedPositives;
            if (tiedPositives > 0) average += (double)tiedPositives / positives * positivesBefore / before;
            if (negatives > 0) furthest = Math.Max(furthest, Math.Abs(((double)positivesBefore / positives) - ((double)(before - positivesBefore) / negatives)));
            (tied, tiedPositives) = (0, 0);
        }

        values[1] = average;
        values[6] = found / positives / (top / all);
        values[7] = found / positives;
        if (negatives == 0) return;
        values[0] = area / ((double)positives * negatives);
        values[5] = furthest;
    }
}
