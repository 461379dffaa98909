using Serverless.Statistics;

namespace Serverless.Evaluation.Weighted;

/// <summary>AUC or average precision from rows that are sorted once, however many weightings follow.</summary>
internal sealed class WeightedRanking : IWeightedFigure
{
    private readonly int[] rows;
    private readonly bool[] positive;

    // Whether the next row in the order has another score.
    private readonly bool[] last;
    private readonly bool precision;

    public WeightedRanking(double[] truth, double[] scores, bool precision)
    {
        this.precision = precision;
        var keys = (double[])scores.Clone();
        rows = new int[keys.Length];
        for (var i = 0; i < rows.Length; i++) rows[i] = i;
        Array.Sort(keys, rows);
        Array.Reverse(keys);
        Array.Reverse(rows);
        positive = new bool[rows.Length];
        last = new bool[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            positive[i] = truth[rows[i]] > 0.5;
            last[i] = i + 1 == rows.Length || keys[i + 1] != keys[i];
        }
    }

    public double Compute(ReadOnlySpan<byte> weights)
    {
        long positives = 0, negatives = 0, tiedPositives = 0, tiedNegatives = 0;
        double area = 0, average = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            long weight = weights[rows[i]];
            if (positive[i]) tiedPositives += weight;
            else tiedNegatives += weight;
            if (!last[i]) continue;
            area += tiedNegatives * (positives + (tiedPositives / 2.0));
            positives += tiedPositives;
            negatives += tiedNegatives;
            if (tiedPositives > 0) average += tiedPositives * ((double)positives / (positives + negatives));
            (tiedPositives, tiedNegatives) = (0, 0);
        }

        return precision ? average / positives : area / ((double)positives * negatives);
    }
}
