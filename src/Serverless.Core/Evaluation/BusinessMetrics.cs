using Serverless.Datasets;
using Serverless.Evaluation.Weighted;
using Serverless.Features;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Evaluation;

/// <summary>
/// Metrics of the user's own: the expressions of a model file over a row's columns, <c>prediction</c>, <c>actual</c> and <c>probability</c>, compiled by the engine of features.
/// A stated cost is one more: <c>cost</c>, the mean cost of a row.
/// </summary>
internal static class BusinessMetrics
{
    /// <summary>The metric that a stated cost adds.</summary>
    public const string Cost = "cost";

    private const int ChunkRows = 16_384;
    private static readonly string[] Given = ["prediction", "actual", "probability"];

    /// <summary>All metrics of the model besides those of its task.</summary>
    public static IReadOnlyList<BusinessMetricDefinition> Of(ModelDefinition model) => model.Cost is not { } cost ? model.Metrics :
    [
        new BusinessMetricDefinition
        {
            Name = Cost, Description = "Mean cost of a row: what its false answers cost by the model file.",
            Value = new ExpressionText(FormattableString.Invariant($"prediction == actual ? 0.0 : prediction ? {cost.FalsePositive:R} * 1.0 : {cost.FalseNegative:R} * 1.0")),
        },
        .. model.Metrics,
    ];

    /// <summary>The columns of the dataset that the model's metrics read.</summary>
    public static IEnumerable<string> Columns(ModelDefinition model, DatasetDefinition dataset) =>
        Of(model).SelectMany(m => FeatureCompiler.Compile(m.Value, Schema(model.Task, dataset), What(m), model.File).Columns).Except(Given).Distinct();

    /// <summary>Everything that is wrong with the metrics of a model file.</summary>
    public static IEnumerable<Problem> Validate(ModelDefinition model, DatasetDefinition dataset)
    {
        if (model.Metrics.Count > 0 && dataset.Columns.FirstOrDefault(c => Given.Contains(c.Name)) is { } hidden)
        {
            yield return At(model, model.Metrics[0], $"dataset '{dataset.Name}' has a column '{hidden.Name}', which is also what metrics call the {(hidden.Name == "actual" ? "label" : "model's answer")}; rename the column to use metrics");
            yield break;
        }

        foreach (var metric in model.Metrics)
        {
            if (MetricCatalogue.Find(model.Task, metric.Name) is not null || metric.Name == Cost) yield return At(model, metric, $"metric '{metric.Name}' exists already; give yours another name");
            if (Problem(model, dataset, metric) is { } problem) yield return problem;
        }
    }

    /// <summary>What each row adds to each metric; NaN where a column that the expression reads is missing, and where it gives no number.</summary>
    public static IReadOnlyDictionary<string, BusinessWeighted> Values(Holdout holdout, Answers answers, CancellationToken cancel) =>
        Values(holdout.Model, holdout.Table, holdout.Rows, holdout.ClassNames, JudgedRows.Of(holdout.Task, answers), cancel);

    /// <param name="table">Has the columns that the expressions read.</param>
    /// <param name="rows">Numbers of the judged rows within the table.</param>
    /// <param name="classNames">What came true, also where the model never saw that class; null but for multiclass.</param>
    public static IReadOnlyDictionary<string, BusinessWeighted> Values(ModelDefinition model, Table table, int[] rows, string[]? classNames, JudgedRows judged, CancellationToken cancel)
    {
        var metrics = Of(model);
        if (metrics.Count == 0) return new Dictionary<string, BusinessWeighted>();
        var all = Schema(model.Task, table);
        var read = metrics.SelectMany(m => Compile(m, all, model).Columns).ToHashSet(StringComparer.Ordinal);
        var schema = new RawSchema([.. all.Columns.Where(c => read.Contains(c.Name) || Given.Contains(c.Name))]);
        var readers = metrics.Select(m => Compile(m, schema, model)).ToArray();
        var values = metrics.Select(_ => new double[rows.Length]).ToArray();
        var slots = readers.Select(r => r.Columns.Select(schema.Slot).ToArray()).ToArray();
        var wrong = new int[readers.Length];
        var loader = new RowLoader(table, schema);
        Parallel.For(0, (rows.Length + ChunkRows - 1) / ChunkRows, new ParallelOptions { CancellationToken = cancel }, schema.NewRow, (chunk, _, row) =>
        {
            for (var i = chunk * ChunkRows; i < Math.Min(rows.Length, (chunk + 1) * ChunkRows); i++)
            {
                loader.Load(rows[i], row);
                Fill(judged, classNames, i, schema, row);
                for (var m = 0; m < readers.Length; m++)
                {
                    var value = readers[m].Number(row);
                    values[m][i] = double.IsFinite(value) ? value : double.NaN;
                    if (!double.IsFinite(value) && Array.TrueForAll(slots[m], s => row.Present[s])) Interlocked.Increment(ref wrong[m]);
                }
            }

            return row;
        }, static _ => { });
        return metrics.Zip(values, wrong).ToDictionary(m => m.First.Name, m => new BusinessWeighted(m.First, m.Second, m.Third), StringComparer.Ordinal);
    }

    private static Problem? Problem(ModelDefinition model, DatasetDefinition dataset, BusinessMetricDefinition metric)
    {
        try
        {
            return ExpressionCompiler.Compile(metric.Value.Text, Schema(model.Task, dataset)).Kind == ValueKind.Text
                ? At(model, metric, $"{What(metric)}: '{metric.Value.Text}' gives text; a metric is a number for each row") : null;
        }
        catch (ExpressionException e)
        {
            return At(model, metric, $"{What(metric)}: {e.Message}");
        }
    }

    private static ValueReader Compile(BusinessMetricDefinition metric, RawSchema schema, ModelDefinition model) => FeatureCompiler.Compile(metric.Value, schema, What(metric), model.File);

    private static RawSchema Schema(TaskKind task, DatasetDefinition dataset) => With(task, FeatureCompiler.SchemaOf(dataset).Columns);

    private static RawSchema Schema(TaskKind task, Table table) => With(task, table.Columns.Select(c => new RawColumn(c.Name, c.Type, false)));

    private static RawSchema With(TaskKind task, IEnumerable<RawColumn> columns)
    {
        var type = task switch { TaskKind.Binary => ColumnType.Boolean, TaskKind.Multiclass => ColumnType.String, _ => ColumnType.Number };
        return new RawSchema(
        [
            .. columns.Where(c => !Given.Contains(c.Name)), new RawColumn(Given[0], type, true), new RawColumn(Given[1], type, true),
            .. task == TaskKind.Regression ? Array.Empty<RawColumn>() : [new RawColumn(Given[2], ColumnType.Number, true)],
        ]);
    }

    private static void Fill(JudgedRows answers, string[]? classNames, int i, RawSchema schema, RawRow row)
    {
        var at = schema.Columns.Count - (answers.Task == TaskKind.Regression ? 2 : 3);
        switch (answers.Task)
        {
            case TaskKind.Binary:
                row.SetBoolean(at, answers.Outputs[i] > answers.Threshold);
                row.SetBoolean(at + 1, answers.Truth[i] > 0.5);
                row.SetNumber(at + 2, answers.Outputs[i]);
                break;
            case TaskKind.Multiclass:
                var probabilities = answers.Outputs.AsSpan(i * answers.Classes.Count, answers.Classes.Count);
                var best = RowLoss.Best(probabilities);
                row.SetText(at, answers.Classes[best]);
                row.SetText(at + 1, classNames?[i] ?? answers.Classes[(int)answers.Truth[i]]);
                row.SetNumber(at + 2, probabilities[best]);
                break;
            default:
                row.SetNumber(at, answers.Outputs[i]);
                row.SetNumber(at + 1, answers.Truth[i]);
                break;
        }
    }

    private static string What(BusinessMetricDefinition metric) => $"metric '{metric.Name}'";

    private static Problem At(ModelDefinition model, BusinessMetricDefinition metric, string message) =>
        new(message, model.File, metric.Value.Line == 0 ? null : metric.Value.Line, metric.Value.Line == 0 ? null : metric.Value.Column);
}
