using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Statistics;

namespace Serverless.Explanations.Global;

/// <summary>
/// Permutation importance (Breiman, Machine Learning 45, 2001; of raw columns, Fisher, Rudin, Dominici, JMLR 20, 2019), mean |Shapley value|, partial dependence (Friedman, Annals of Statistics 29, 2001) with
/// ICE curves (Goldstein et al. 2015), and a surrogate tree. All on rows of the reference, seeded: the same version gives the same figures.
/// </summary>
internal sealed class GlobalExplainer(ModelExplainer explainer, IReadOnlyList<RawRow> rows, double[]? labels, int classes)
{
    public const int MostRows = 2000;
    private const int Repeats = 10;
    private const int DependenceRows = DependenceOptions.MostCurves;
    private const int ShapleyRows = 500;
    private const int SampledRows = 50;
    private const double Confidence = 0.95;
    private const int Seed = 42;

    private readonly ExplanationSetup setup = explainer.Setup;
    private readonly int width = explainer.Setup.Game.Slots;
    private readonly int outputs = explainer.Schema.Outputs;

    public GlobalExplanation Compute(DateTimeOffset now, string part, CancellationToken cancel)
    {
        var features = Fill(rows);
        var answers = Answers(features);
        var variables = ReadableVariable.Of(setup.Game, rows, features);
        var (metric, value) = Metric(answers);
        var method = explainer.MethodOf(ExplanationCatalogue.Auto);
        return new GlobalExplanation
        {
            Model = explainer.Model, Version = explainer.Version, ComputedAt = now, Rows = rows.Count, Part = part, Method = method, Scale = explainer.Scale,
            Metric = metric?.Name, MetricValue = value,
            Columns = Columns(features, answers, metric, value, method, cancel),
            Features = Features(features, cancel),
            Dependence = Dependence(variables, 0, 0, cancel),
            Tree = new SurrogateTrees(variables, answers, explainer.Schema).Fit(),
        };
    }

    /// <summary>Partial dependence with ICE curves of so many of the rows.</summary>
    /// <exception cref="RequestException">The model has no such class.</exception>
    public IReadOnlyList<Dependence> Dependence(DependenceOptions options, CancellationToken cancel) =>
        Dependence(ReadableVariable.Of(setup.Game, rows, Fill(rows)), options.Curves, explainer.ClassOf(options.Class) ?? 0, cancel);

    private List<Dependence> Dependence(IReadOnlyList<ReadableVariable> variables, int curves, int output, CancellationToken cancel) =>
        [.. variables.Select(v => DependenceOf(v, curves, output, cancel)).Where(d => d.Points.Count > 1)];

    private float[] Fill(IReadOnlyList<RawRow> some)
    {
        var features = new float[some.Count * width];
        for (var r = 0; r < some.Count; r++) setup.Pipeline.Features.Fill(some[r], features.AsSpan(r * width, width));
        return features;
    }

    private double[] Answers(float[] features)
    {
        var answers = new double[features.Length / Math.Max(1, width) * outputs];
        for (var r = 0; r < answers.Length / outputs; r++) setup.Pipeline.Predictor.Predict(features.AsSpan(r * width, width), answers.AsSpan(r * outputs, outputs));
        return answers;
    }

    private (MetricDescription? Metric, double? Value) Metric(double[] answers)
    {
        if (labels is null) return (null, null);
        var found = Metrics.Compute(explainer.Schema.Task, labels, answers, classes, explainer.Schema.Threshold);
        return MetricCatalogue.Of(explainer.Schema.Task).FirstOrDefault(m => found.ContainsKey(m.Name)) is { } metric ? (metric, found[metric.Name]) : (null, null);
    }

    private List<ColumnImportance> Columns(float[] features, double[] answers, MetricDescription? metric, double? value, string method, CancellationToken cancel)
    {
        var means = MeanContributions(features, answers, method, cancel);
        var total = means.Sum();
        var columns = new List<ColumnImportance>();
        for (var c = 0; c < means.Length; c++)
        {
            var drops = metric is null ? null : Drops(c, metric, value!.Value, cancel);
            var half = drops is null ? 0 : StudentT.Quantile(Confidence, Repeats - 1) * Deviation(drops) / Math.Sqrt(Repeats);
            columns.Add(new ColumnImportance(explainer.Schema.Inputs[c].Name, means[c], total > 0 ? means[c] / total : 0, drops?.Average(), drops?.Average() - half, drops?.Average() + half));
        }

        return [.. columns.OrderByDescending(c => c.MeanContribution)];
    }

    private double[] MeanContributions(float[] features, double[] answers, string method, CancellationToken cancel)
    {
        var ready = explainer.Explainer(method);
        var some = Math.Min(rows.Count, ready.Exact ? ShapleyRows : SampledRows);
        var (means, attribution, shape) = (new double[setup.Game.Players], explainer.NewAttribution(), new AnswerShape(explainer.Schema));
        for (var r = 0; r < some; r++)
        {
            cancel.ThrowIfCancellationRequested();
            ready.Explain(rows[r], features.AsSpan(r * width, width), outputs > 1 ? shape.Best(answers.AsSpan(r * outputs, outputs)) : 0, attribution);
            for (var c = 0; c < means.Length; c++) means[c] += Math.Abs(attribution.Columns[c]) / some;
        }

        return means;
    }

    // How much worse, so that more is always more important.
    private double[] Drops(int column, MetricDescription metric, double value, CancellationToken cancel)
    {
        var drops = new double[Repeats];
        for (var i = 0; i < Repeats; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var order = Enumerable.Range(0, rows.Count).ToArray();
            new Random(Seed + i).Shuffle(order);
            var mixed = rows.Select((row, r) =>
            {
                var copy = Copy(row);
                ColumnGame.Copy(rows[order[r]], copy, column);
                return copy;
            }).ToArray();
            var now = Metrics.Compute(explainer.Schema.Task, labels!, Answers(Fill(mixed)), classes, explainer.Schema.Threshold).GetValueOrDefault(metric.Name, value);
            drops[i] = metric.MoreIsBetter ? value - now : now - value;
        }

        return drops;
    }

    private Dictionary<string, double> Features(float[] features, CancellationToken cancel)
    {
        var scores = Scores(features);
        var order = Enumerable.Range(0, rows.Count).ToArray();
        new Random(Seed).Shuffle(order);
        var moved = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var feature in setup.Pipeline.Features.Slots.Select((s, i) => (s.Feature, i)).GroupBy(s => s.Feature))
        {
            cancel.ThrowIfCancellationRequested();
            var mixed = (float[])features.Clone();
            foreach (var (_, slot) in feature) for (var r = 0; r < rows.Count; r++) mixed[r * width + slot] = features[order[r] * width + slot];
            var now = Scores(mixed);
            moved[feature.Key] = scores.Zip(now, (a, b) => Math.Abs(a - b)).Sum();
        }

        var total = moved.Values.Sum();
        return moved.OrderByDescending(m => m.Value).ToDictionary(m => m.Key, m => total > 0 ? m.Value / total : 0);
    }

    private double[] Scores(float[] features)
    {
        var scores = new double[rows.Count * outputs];
        for (var r = 0; r < rows.Count; r++) setup.Score.All(features.AsSpan(r * width, width), scores.AsSpan(r * outputs, outputs));
        return scores;
    }

    private Dependence DependenceOf(ReadableVariable variable, int asked, int output, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var some = rows.Take(DependenceRows).ToArray();
        var (features, answer) = (new float[width], new double[outputs]);
        var curves = Enumerable.Range(0, Math.Min(asked, some.Length)).Select(_ => new List<double>()).ToArray();
        var points = new List<DependencePoint>();
        foreach (var (value, share) in variable.Grid())
        {
            var means = new double[outputs];
            for (var r = 0; r < some.Length; r++)
            {
                var row = Copy(some[r]);
                variable.Apply(row, features, setup.Pipeline.Features, value);
                setup.Pipeline.Predictor.Predict(features, answer);
                for (var k = 0; k < outputs; k++) means[k] += answer[k] / some.Length;
                if (r < curves.Length) curves[r].Add(answer[output]);
            }

            points.Add(new DependencePoint(variable.Text(value), variable.Texts is null ? value : null, share, means));
        }

        IReadOnlyList<string> names = outputs > 1 ? explainer.Schema.Classes : [explainer.Schema.Task == TaskKind.Regression ? "value" : "probability"];
        return new Dependence(variable.Name, variable.Column, variable.Unit, variable.Ordered, names, points, curves, curves.Length > 0 ? names[output] : null);
    }

    private RawRow Copy(RawRow row)
    {
        var copy = new RawRow(row.Present.Length);
        for (var c = 0; c < row.Present.Length; c++) ColumnGame.Copy(row, copy, c);
        return copy;
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }
}
