namespace Serverless.Evaluation.Weighted;

/// <summary>
/// All metrics of a multiclass task. The classes are those that training saw; a row of any other class is wrong whatever the answer: it counts in accuracy, losses, kappa and the
/// correlation coefficient (there as one more class), not in means over classes.
/// </summary>
internal sealed class ClassFigures : IWeightedFigures
{
    /// <summary>Classes times rows for which one-against-rest rankings are computed: beyond, sorting would take longer than training.</summary>
    public const long MostRanked = 20_000_000;

    private static readonly string[] Fixed =
    [
        "log-loss", "accuracy", "macro-f1", "brier", "ece", "auc-ovr", "balanced-accuracy", "macro-precision", "macro-recall", "micro-precision", "micro-recall", "micro-f1",
        "weighted-precision", "weighted-recall", "weighted-f1", "mcc", "kappa",
    ];

    private static readonly int[] Tops = [2, 3, 5];

    private readonly int classes;
    private readonly int[] truth;
    private readonly int[] answers;
    private readonly int[] ranks;
    private readonly double[] losses;
    private readonly double[] briers;
    private readonly byte[] bins;
    private readonly double[] stated;
    private readonly WeightedRanking[] rankings;

    /// <param name="ranked">Whether the one-against-rest AUC is wanted.</param>
    public ClassFigures(double[] truth, double[] probabilities, int classes, bool ranked = true)
    {
        this.classes = classes;
        var rows = truth.Length;
        (this.truth, answers, ranks) = (Array.ConvertAll(truth, t => (int)t), new int[rows], new int[rows]);
        (losses, briers, bins, stated) = (new double[rows], new double[rows], new byte[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            var row = probabilities.AsSpan(i * classes, classes);
            var label = this.truth[i];
            answers[i] = RowLoss.Best(row);
            stated[i] = row[answers[i]];
            bins[i] = (byte)CalibrationReport.WidthBin(stated[i]);
            losses[i] = RowLoss.LogLoss(label < 0 ? 0 : row[label]);
            briers[i] = RowLoss.Brier(row, label);
            ranks[i] = label < 0 ? int.MaxValue : Rank(row, label);
        }

        rankings = ranked && (long)classes * rows <= MostRanked ? Rankings(truth, probabilities, classes) : [];
        Names = [.. Fixed, .. Tops.Where(k => k < classes).Select(k => $"top-{k}-accuracy")];
    }

    public IReadOnlyList<string> Names { get; }

    public void Compute(ReadOnlySpan<byte> weights, Span<double> values)
    {
        values.Fill(double.NaN);
        // Rows: the true class, the last one for classes never seen.
        var cells = new double[(classes + 1) * classes];
        Span<double> gaps = stackalloc double[CalibrationReport.Bins];
        gaps.Clear();
        Span<long> tops = stackalloc long[Tops.Length];
        tops.Clear();
        double loss = 0, brier = 0;
        long all = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            int weight = weights[i];
            if (weight == 0) continue;
            all += weight;
            cells[((truth[i] < 0 ? classes : truth[i]) * classes) + answers[i]] += weight;
            loss += weight * losses[i];
            brier += weight * briers[i];
            gaps[bins[i]] += weight * (stated[i] - (truth[i] == answers[i] ? 1 : 0));
            for (var t = 0; t < tops.Length; t++) if (ranks[i] < Tops[t]) tops[t] += weight;
        }

        if (all == 0) return;
        (values[0], values[3]) = (loss / all, brier / all);
        var error = 0.0;
        foreach (var gap in gaps) error += Math.Abs(gap);
        values[4] = error / all;
        if (rankings.Length > 0) values[5] = MeanAuc(weights);
        Cells(cells, all, values);
        for (var t = 0; Fixed.Length + t < values.Length; t++) values[Fixed.Length + t] = (double)tops[t] / all;
    }

    private void Cells(double[] cells, long all, Span<double> values)
    {
        double right = 0, known = 0, chance = 0, truthSquares = 0, answerSquares = 0;
        double precision = 0, recall = 0, f1 = 0, weightedPrecision = 0, weightedRecall = 0, weightedF1 = 0;
        int present = 0, inTruth = 0;
        for (var k = 0; k < classes; k++)
        {
            double both = cells[(k * classes) + k], isTrue = 0, answered = 0;
            for (var j = 0; j < classes; j++) isTrue += cells[(k * classes) + j];
            for (var j = 0; j <= classes; j++) answered += cells[(j * classes) + k];
            right += both;
            known += isTrue;
            chance += isTrue * answered;
            truthSquares += isTrue * isTrue;
            answerSquares += answered * answered;
            if (isTrue + answered == 0) continue;
            present++;
            if (isTrue > 0) inTruth++;
            var (p, r, f) = (answered == 0 ? 0 : both / answered, isTrue == 0 ? 0 : both / isTrue, 2 * both / (isTrue + answered));
            (precision, recall, f1) = (precision + p, recall + r, f1 + f);
            (weightedPrecision, weightedRecall, weightedF1) = (weightedPrecision + (isTrue * p), weightedRecall + (isTrue * r), weightedF1 + (isTrue * f));
        }

        values[1] = right / all;
        (values[7], values[8], values[2]) = (precision / present, recall / present, f1 / present);
        (values[9], values[11]) = (right / all, 2 * right / (all + known));
        var unseen = all - known;
        truthSquares += unseen * unseen;
        var spread = Math.Sqrt(((double)all * all) - truthSquares) * Math.Sqrt(((double)all * all) - answerSquares);
        values[15] = spread > 0 ? ((right * all) - chance) / spread : 0;
        var byChance = chance / all / all;
        if (byChance < 1) values[16] = ((right / all) - byChance) / (1 - byChance);
        if (known == 0) return;
        (values[6], values[10]) = (recall / inTruth, right / known);
        (values[12], values[13], values[14]) = (weightedPrecision / known, weightedRecall / known, weightedF1 / known);
    }

    private double MeanAuc(ReadOnlySpan<byte> weights)
    {
        var sum = 0.0;
        foreach (var ranking in rankings) sum += ranking.Compute(weights);
        return sum / rankings.Length;
    }

    private static WeightedRanking[] Rankings(double[] truth, double[] probabilities, int classes)
    {
        var rankings = new WeightedRanking[classes];
        Parallel.For(0, classes, k =>
        {
            double[] isClass = new double[truth.Length], scores = new double[truth.Length];
            for (var i = 0; i < truth.Length; i++) (isClass[i], scores[i]) = ((int)truth[i] == k ? 1 : 0, probabilities[(i * classes) + k]);
            rankings[k] = new WeightedRanking(isClass, scores, precision: false);
        });
        return rankings;
    }

    // How many classes stand before the true one; of equals the later stands first, as top_k_accuracy_score has it.
    private static int Rank(ReadOnlySpan<double> row, int label)
    {
        var before = 0;
        for (var k = 0; k < row.Length; k++) if (row[k] > row[label] || (row[k] == row[label] && k > label)) before++;
        return before;
    }
}
