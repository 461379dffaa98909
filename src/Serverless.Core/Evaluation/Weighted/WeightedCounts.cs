using Serverless.Statistics;

namespace Serverless.Evaluation.Weighted;

/// <summary>Precision, recall and F1 from the cells of the confusion matrix.</summary>
internal sealed class WeightedCounts : IWeightedFigure
{
    private readonly string metric;

    // 0 true negative, 1 false negative, 2 false positive, 3 true positive.
    private readonly byte[] cells;

    public WeightedCounts(string metric, double[] truth, double[] probabilities, double threshold)
    {
        this.metric = metric;
        cells = new byte[truth.Length];
        for (var i = 0; i < cells.Length; i++) cells[i] = (byte)((probabilities[i] > threshold ? 2 : 0) + (truth[i] > 0.5 ? 1 : 0));
    }

    public double Compute(ReadOnlySpan<byte> weights)
    {
        Span<long> counts = stackalloc long[4];
        for (var i = 0; i < weights.Length; i++) counts[cells[i]] += weights[i];
        var (fn, fp, tp) = (counts[1], counts[2], counts[3]);
        return metric switch
        {
            "precision" => Ratio(tp, tp + fp),
            "recall" => Ratio(tp, tp + fn),
            _ => Ratio(2 * tp, (2 * tp) + fp + fn),
        };
    }

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}

/// <summary>Mean of the F1 of the classes that occur, in truth or answer.</summary>
internal sealed class WeightedMacroF1 : IWeightedFigure
{
    private readonly int classes;
    private readonly int[] truth;
    private readonly int[] answers;

    public WeightedMacroF1(double[] truth, double[] probabilities, int classes)
    {
        this.classes = classes;
        this.truth = new int[truth.Length];
        answers = new int[truth.Length];
        for (var i = 0; i < truth.Length; i++)
        {
            this.truth[i] = (int)truth[i];
            answers[i] = RowLoss.Best(probabilities.AsSpan(i * classes, classes));
        }
    }

    public double Compute(ReadOnlySpan<byte> weights)
    {
        var (either, both) = (new long[classes], new long[classes]);
        for (var i = 0; i < weights.Length; i++)
        {
            either[answers[i]] += weights[i];
            if (truth[i] >= 0) either[truth[i]] += weights[i];
            if (truth[i] == answers[i]) both[answers[i]] += weights[i];
        }

        double sum = 0;
        var present = 0;
        for (var k = 0; k < classes; k++)
        {
            if (either[k] == 0) continue;
            sum += 2.0 * both[k] / either[k];
            present++;
        }

        return sum / present;
    }
}

/// <summary>Root mean squared error, and the share of the variance that is explained.</summary>
internal sealed class WeightedSquares(string metric, double[] truth, double[] predictions) : IWeightedFigure
{
    // Sums of squares around a value near the mean keep their digits.
    private readonly double centre = truth.Length == 0 ? 0 : truth.Average();

    public double Compute(ReadOnlySpan<byte> weights)
    {
        double errors = 0, sum = 0, squares = 0;
        long whole = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            double weight = weights[i], error = predictions[i] - truth[i], from = truth[i] - centre;
            errors += weight * error * error;
            sum += weight * from;
            squares += weight * from * from;
            whole += weights[i];
        }

        if (metric == "rmse") return Math.Sqrt(errors / whole);
        var total = squares - (sum * sum / whole);
        return total > 0 ? 1 - (errors / total) : double.NaN;
    }
}
