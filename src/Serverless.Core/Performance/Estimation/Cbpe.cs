namespace Serverless.Performance;

/// <summary>
/// Confidence-based performance estimation: a calibrated probability says how often an answer is right, so that the cells of the confusion matrix have expectations before labels come. Source:
/// NannyML, "How it works: performance estimation" (definitions of CBPE and of its sampling error). Holds while the model's probabilities mean what they meant on the reference: under a shift of inputs
/// within what the reference covers, not under a change of what follows from the inputs.
/// </summary>
internal sealed class Cbpe
{
    private readonly bool binary;
    private readonly int classes;
    private readonly double threshold;
    private readonly Calibrator[] calibrators;
    private readonly IReadOnlyDictionary<string, double> errors;
    private readonly IReadOnlyDictionary<string, EstimateSpread> spreads;
    private readonly int referenceRows;

    private Cbpe(bool binary, int classes, double threshold, Calibrator[] calibrators, IReadOnlyDictionary<string, double> errors, IReadOnlyDictionary<string, EstimateSpread> spreads, int referenceRows) =>
        (this.binary, this.classes, this.threshold, this.calibrators, this.errors, this.spreads, this.referenceRows) = (binary, classes, threshold, calibrators, errors, spreads, referenceRows);

    /// <summary>Whether probabilities are calibrated, by class.</summary>
    public IReadOnlyList<bool> Calibrates => [.. calibrators.Select(c => c.Calibrates)];

    /// <param name="truth">Binary: 0 or 1. Multiclass: index of the class; a row of another class (-1) is left out.</param>
    /// <param name="outputs">Binary: probability of true. Multiclass: of each class, row after row.</param>
    /// <param name="classes">2 = binary with one output for a row when <paramref name="binary"/>.</param>
    public static Cbpe Fit(bool binary, double[] truth, double[] outputs, int classes, double threshold, int seed)
    {
        if (binary)
        {
            double[] answered = [.. outputs.Select(p => p > threshold ? 1.0 : 0)];
            var calibrator = Calibrator.Fit(outputs, truth, seed);
            var deviations = RowInfluence.OfBinary(outputs, answered, truth).ToDictionary(m => m.Key, m => RowInfluence.Deviation(m.Value));
            var reference = new Reference(outputs, [outputs], [truth], [calibrator], seed);
            return new Cbpe(true, 2, threshold, [calibrator], BinaryErrors(truth, outputs, answered), reference.Spreads(deviations, (some, p) => Binary(some, Array.ConvertAll(p, row => row[^1]), threshold)), truth.Length);
        }

        int[] known = [.. Enumerable.Range(0, truth.Length).Where(i => truth[i] >= 0)];
        double[] Column(int k) => Array.ConvertAll(known, i => outputs[(i * classes) + k]);
        double[] Is(int k) => Array.ConvertAll(known, i => (int)truth[i] == k ? 1.0 : 0);
        var answers = Array.ConvertAll(known, i => Best(outputs.AsSpan(i * classes, classes)));
        double[] Answered(int k) => Array.ConvertAll(answers, a => a == k ? 1.0 : 0);
        var each = Enumerable.Range(0, classes).ToArray();
        var byClass = each.Select(k => BinaryErrors(Is(k), Column(k), Answered(k))).ToList();
        double Together(string metric) => Math.Sqrt(byClass.Sum(c => c[metric] * c[metric])) / classes;
        var right = known.Select((row, i) => answers[i] == (int)truth[row] ? 1.0 : 0).ToArray();
        var errors = new Dictionary<string, double>
        {
            ["accuracy"] = Deviation(right),
            // NannyML widens the deviation of a macro AUC by a fifth, after experiments.
            ["auc-ovr"] = Together("auc") * 1.2, ["macro-f1"] = Together("f1-plain"), ["macro-precision"] = Together("precision"), ["macro-recall"] = Together("recall"),
        };
        var added = each.Select(k => RowInfluence.OfBinary(Column(k), Answered(k), Is(k))).ToList();
        double Of(string metric) => RowInfluence.Deviation(RowInfluence.Mean([.. added.Select(c => c[metric])]));
        var wide = new Dictionary<string, double> { ["accuracy"] = Deviation(right), ["auc-ovr"] = Of("auc"), ["macro-f1"] = Of("f1"), ["macro-precision"] = Of("precision"), ["macro-recall"] = Of("recall") };
        double[][] columns = [.. each.Select(Column)], truths = [.. each.Select(Is)];
        Calibrator[] calibrators = [.. columns.Zip(truths, (c, t) => Calibrator.Fit(c, t, seed))];
        var rows = new Reference([.. known.SelectMany(i => outputs[(i * classes)..((i + 1) * classes)])], columns, truths, calibrators, seed);
        return new Cbpe(false, classes, threshold, calibrators, errors, rows.Spreads(wide, (some, p) => Multiclass(some, p, classes)), known.Length);
    }

    /// <summary>Expected metrics of a chunk, each with its sampling error (standard deviation); a metric that is not defined is not there.</summary>
    public IReadOnlyDictionary<string, EstimatedValue> Estimate(double[] outputs)
    {
        var rows = binary ? outputs.Length : outputs.Length / classes;
        var p = Enumerable.Range(0, rows).Select(i => Calibrated(outputs, i)).ToArray();
        var values = binary ? Binary(outputs, Array.ConvertAll(p, row => row[1]), threshold) : Multiclass(outputs, p, classes);
        return values.Where(v => double.IsFinite(v.Value)).ToDictionary(v => v.Key, v => EstimatedValue.Of(v.Value, errors.GetValueOrDefault(v.Key, double.NaN), rows, referenceRows, 0, 1, spreads.GetValueOrDefault(v.Key)));
    }

    /// <summary>Expected cells of the confusion matrix: rows are truth, columns answers.</summary>
    public double[][] Confusion(double[] outputs)
    {
        var cells = new double[classes][];
        for (var k = 0; k < classes; k++) cells[k] = new double[classes];
        var rows = binary ? outputs.Length : outputs.Length / classes;
        for (var i = 0; i < rows; i++)
        {
            var answer = binary ? (outputs[i] > threshold ? 1 : 0) : Best(outputs.AsSpan(i * classes, classes));
            var p = Calibrated(outputs, i);
            for (var k = 0; k < classes; k++) cells[k][answer] += p[k];
        }

        return cells;
    }

    /// <param name="p">Chance of true.</param>
    private static Dictionary<string, double> Binary(double[] outputs, double[] p, double threshold)
    {
        var (tp, fp, fn, tn) = Cells(Array.ConvertAll(outputs, o => o > threshold ? 1.0 : 0), p);
        double Ratio(double a, double b) => b > 0 ? a / b : 0;
        return new Dictionary<string, double>
        {
            ["auc"] = Auc(outputs, p), ["accuracy"] = (tp + tn) / p.Length, ["precision"] = Ratio(tp, tp + fp), ["recall"] = Ratio(tp, tp + fn), ["f1"] = Ratio(tp, tp + (0.5 * (fp + fn))),
            ["specificity"] = Ratio(tn, tn + fp),
        };
    }

    /// <param name="probabilities">Chances of the classes, by row.</param>
    private static Dictionary<string, double> Multiclass(double[] outputs, double[][] probabilities, int classes)
    {
        var rows = probabilities.Length;
        var answers = Enumerable.Range(0, rows).Select(i => Best(outputs.AsSpan(i * classes, classes))).ToArray();
        double auc = 0, f1 = 0, precision = 0, recall = 0, right = 0;
        for (var k = 0; k < classes; k++)
        {
            var p = Array.ConvertAll(probabilities, row => row[k]);
            var (tp, fp, fn, _) = Cells(Array.ConvertAll(answers, a => a == k ? 1.0 : 0), p);
            auc += Auc([.. Enumerable.Range(0, rows).Select(i => outputs[(i * classes) + k])], p) / classes;
            f1 += (tp + (0.5 * (fp + fn)) is var d && d > 0 ? tp / d : 0) / classes;
            precision += (tp + fp > 0 ? tp / (tp + fp) : 0) / classes;
            recall += (tp + fn > 0 ? tp / (tp + fn) : 0) / classes;
            right += tp;
        }

        return new Dictionary<string, double> { ["auc-ovr"] = auc, ["macro-f1"] = f1, ["macro-precision"] = precision, ["macro-recall"] = recall, ["accuracy"] = right / rows };
    }

    // Each class by its own calibrator, then brought to a sum of 1.
    private double[] Calibrated(double[] outputs, int row)
    {
        if (binary) return calibrators[0][outputs[row]] is var one ? [1 - one, one] : [];
        var p = new double[classes];
        for (var k = 0; k < classes; k++) p[k] = calibrators[k][outputs[(row * classes) + k]];
        Normalise(p);
        return p;
    }

    private static void Normalise(double[] p)
    {
        var sum = p.Sum();
        for (var k = 0; k < p.Length; k++) p[k] = sum > 0 ? p[k] / sum : 1.0 / p.Length;
    }

    private static (double Tp, double Fp, double Fn, double Tn) Cells(double[] answers, double[] p)
    {
        double tp = 0, fp = 0, fn = 0, tn = 0;
        for (var i = 0; i < p.Length; i++)
        {
            if (answers[i] > 0) (tp, fp) = (tp + p[i], fp + 1 - p[i]);
            else (fn, tn) = (fn + p[i], tn + 1 - p[i]);
        }

        return (tp, fp, fn, tn);
    }

    /// <summary>Expected area under the ROC curve: rows by descending score, each partly true and partly false; ties half.</summary>
    internal static double Auc(double[] scores, double[] p)
    {
        var order = Enumerable.Range(0, scores.Length).ToArray();
        Array.Sort(scores.Select(s => -s).ToArray(), order);
        double positives = 0, negatives = 0, area = 0;
        for (var i = 0; i < order.Length;)
        {
            var (score, up, along) = (scores[order[i]], 0.0, 0.0);
            for (; i < order.Length && scores[order[i]] == score; i++) (up, along) = (up + p[order[i]], along + 1 - p[order[i]]);
            area += along * (positives + (up / 2));
            (positives, negatives) = (positives + up, negatives + along);
        }

        return positives > 0 && negatives > 0 ? area / (positives * negatives) : double.NaN;
    }

    /// <summary>Standard deviations of single relevant rows, over the square root of the share of rows that is relevant: divided by the square root of a chunk's rows they are its sampling errors.</summary>
    private static Dictionary<string, double> BinaryErrors(double[] truth, double[] scores, double[] answers)
    {
        double n = truth.Length, tp = 0, fp = 0, fn = 0, tn = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            if (answers[i] > 0) _ = truth[i] > 0 ? tp++ : fp++;
            else _ = truth[i] > 0 ? fn++ : tn++;
        }

        double Share(double good, double all) => all > 0 ? Math.Sqrt(good / all * (1 - (good / all))) / Math.Sqrt(all / n) : double.NaN;
        var relevant = tp + fp + fn;
        return new Dictionary<string, double>
        {
            ["accuracy"] = Share(tp + tn, n), ["precision"] = Share(tp, tp + fp), ["recall"] = Share(tp, tp + fn), ["specificity"] = Share(tn, tn + fp),
            // NannyML corrects the deviation of F1 in the binary case only.
            ["f1-plain"] = Share(tp, relevant), ["f1"] = relevant > 0 ? Share(tp, relevant) * relevant / (tp + (0.5 * (fp + fn))) : double.NaN, ["auc"] = AucError(truth, scores),
        };
    }

    // AUC as the mean over the rarer class of the share of the other class below each of its rows (Mann-Whitney).
    private static double AucError(double[] truth, double[] scores)
    {
        var flip = truth.Average() > 0.5;
        var (keys, isRare) = (Array.ConvertAll(scores, s => flip ? 1 - s : s), Array.ConvertAll(truth, t => (t > 0.5) != flip));
        Array.Sort(keys, isRare);
        double others = isRare.Count(r => !r), below = 0;
        var shares = new List<double>();
        foreach (var rare in isRare)
        {
            if (rare) shares.Add(below / others);
            else below++;
        }

        return shares.Count == 0 || others == 0 ? double.NaN : Deviation([.. shares]) / Math.Sqrt(shares.Count / (double)truth.Length);
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length);
    }

    /// <summary>The rows of the reference, by class, to be estimated fold by fold as a chunk is.</summary>
    private sealed class Reference(double[] outputs, double[][] columns, double[][] truths, Calibrator[] calibrators, int seed)
    {
        public IReadOnlyDictionary<string, EstimateSpread> Spreads(IReadOnlyDictionary<string, double> deviations, Func<double[], double[][], Dictionary<string, double>> metrics) => EstimateSpread.Of(
            deviations, Array.Exists(calibrators, c => c.Calibrates), truths[^1], seed, (rows, p) => metrics(Outputs(rows), p), Calibrated, [.. Enumerable.Range(0, truths[0].Length).Select(i => Array.ConvertAll(truths, t => t[i]))]);

        private double[] Outputs(int[] rows) => [.. rows.SelectMany(i => outputs[(i * columns.Length)..((i + 1) * columns.Length)])];

        private double[][] Calibrated(int[] rows, int[] others)
        {
            var byClass = columns.Select((c, k) => calibrators[k].Calibrates && Isotonic.Fit(Array.ConvertAll(others, i => c[i]), Array.ConvertAll(others, i => truths[k][i])) is { } fitted
                ? Array.ConvertAll(rows, i => fitted[c[i]]) : Array.ConvertAll(rows, i => c[i])).ToArray();
            var p = Enumerable.Range(0, rows.Length).Select(i => Array.ConvertAll(byClass, c => c[i])).ToArray();
            if (columns.Length > 1) Array.ForEach(p, Normalise);
            return p;
        }
    }

    private static int Best(ReadOnlySpan<double> row) => Evaluation.Weighted.RowLoss.Best(row);
}
