namespace Serverless.Performance;

/// <summary>
/// What each row of a sample adds to a metric beyond its share: the deviation of these numbers over the root of the rows is the metric's standard error. Quotients of means by the delta method, the area under
/// the curve as by DeLong, DeLong and Clarke-Pearson (1988). Null where the metric is not defined.
/// </summary>
internal static class RowInfluence
{
    /// <param name="answers">0 or 1.</param>
    /// <param name="truth">0 or 1.</param>
    public static IReadOnlyDictionary<string, double[]?> OfBinary(double[] scores, double[] answers, double[] truth)
    {
        double[] Each(Func<double, double, double> value) => [.. answers.Zip(truth, value)];
        return new Dictionary<string, double[]?>
        {
            ["auc"] = Area(scores, truth),
            ["accuracy"] = Quotient(Each((a, t) => a == t ? 1 : 0), Each((_, _) => 1)),
            ["precision"] = Quotient(Each((a, t) => a * t), answers),
            ["recall"] = Quotient(Each((a, t) => a * t), truth),
            ["specificity"] = Quotient(Each((a, t) => (1 - a) * (1 - t)), Each((_, t) => 1 - t)),
            ["f1"] = Quotient(Each((a, t) => 2 * a * t), Each((a, t) => a + t)),
        };
    }

    /// <summary>The mean of the same metric over classes.</summary>
    public static double[]? Mean(IReadOnlyList<double[]?> byClass) =>
        byClass.Any(c => c is null) ? null : [.. Enumerable.Range(0, byClass[0]!.Length).Select(i => byClass.Average(c => c![i]))];

    /// <summary>NaN where there is none.</summary>
    public static double Deviation(double[]? added)
    {
        if (added is null) return double.NaN;
        var mean = added.Average();
        return Math.Sqrt(added.Sum(a => (a - mean) * (a - mean)) / added.Length);
    }

    private static double[]? Quotient(double[] above, double[] below)
    {
        var (a, b) = (above.Average(), below.Average());
        return b == 0 ? null : [.. above.Zip(below, (x, y) => (x - (a / b * y)) / b)];
    }

    private static double[]? Area(double[] scores, double[] truth)
    {
        double positives = truth.Sum(), negatives = truth.Length - positives;
        if (positives == 0 || negatives == 0) return null;
        var area = Cbpe.Auc(scores, truth);
        var order = Enumerable.Range(0, scores.Length).ToArray();
        Array.Sort((double[])scores.Clone(), order);
        var adds = new double[scores.Length];
        double below = 0, belowNegative = 0;
        for (int i = 0, j; i < order.Length; i = j)
        {
            double tied = 0, tiedNegative = 0;
            for (j = i; j < order.Length && scores[order[j]] == scores[order[i]]; j++) (tied, tiedNegative) = (tied + truth[order[j]], tiedNegative + 1 - truth[order[j]]);
            for (var at = i; at < j; at++)
            {
                var row = order[at];
                adds[row] = truth[row] > 0 ? (((belowNegative + (tiedNegative / 2)) / negatives) - area) * truth.Length / positives
                    : (((positives - below - (tied / 2)) / positives) - area) * truth.Length / negatives;
            }

            (below, belowNegative) = (below + tied, belowNegative + tiedNegative);
        }

        return adds;
    }
}
