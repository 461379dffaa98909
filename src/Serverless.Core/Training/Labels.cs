using System.Globalization;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Training;

/// <summary>The rows that are learned from and judged on, with their labels. Rows without a label are in neither.</summary>
/// <param name="TrainLabels">Binary: 0 or 1. Multiclass: index into <paramref name="Classes"/>. Regression: the value.</param>
/// <param name="HoldoutLabels">Likewise; -1 for a class that no training row has.</param>
/// <param name="HoldoutClasses">Class name of each holdout row, for rivals with other classes; null but for multiclass.</param>
internal sealed record LabelledRows(int[] Train, double[] TrainLabels, int[] Holdout, double[] HoldoutLabels, IReadOnlyList<string> Classes, string[]? HoldoutClasses)
{
    private const int ChunkRows = 16_384;

    /// <exception cref="DataException">Nothing to learn from or to judge on; the message says what and why.</exception>
    public static LabelledRows Of(ModelDefinition model, DatasetDefinition dataset, TrainingRows rows, CancellationToken cancel)
    {
        var label = FeatureCompiler.Compile(model.Label, FeatureCompiler.SchemaOf(dataset), "label", model.File);
        var inputs = new RawSchema([.. FeatureCompiler.SchemaOf(dataset).Columns.Where(c => label.Columns.Contains(c.Name))]);
        label = FeatureCompiler.Compile(model.Label, inputs, "label", model.File);
        var (numbers, texts) = Values(model, label, inputs, rows.Table, cancel);
        bool Has(int row) => texts is not null ? texts[row] is not null : double.IsFinite(numbers![row]);
        var (train, holdout) = Split(rows, Has);
        Require(model, rows, train, holdout);
        if (texts is null)
        {
            var split = new LabelledRows(train, [.. train.Select(r => numbers![r])], holdout, [.. holdout.Select(r => numbers![r])], model.Task == TaskKind.Binary ? ["false", "true"] : [], null);
            RequireRoom(model, split);
            RequireTwoClasses(model, rows, model.Task == TaskKind.Binary ? [.. split.TrainLabels.Distinct().Select(v => v > 0 ? "true" : "false")] : null, train.Length);
            return split;
        }

        var classes = train.Select(r => texts[r]!).Distinct(StringComparer.Ordinal).Order(ClassOrder).ToArray();
        RequireTwoClasses(model, rows, classes, train.Length);
        var index = classes.Select((c, i) => (c, i)).ToDictionary(c => c.c, c => (double)c.i, StringComparer.Ordinal);
        return new LabelledRows(train, [.. train.Select(r => index[texts[r]!])], holdout, [.. holdout.Select(r => index.GetValueOrDefault(texts[r]!, -1))], classes, [.. holdout.Select(r => texts[r]!)]);
    }

    /// <summary>The labels of a table's rows as one column; null when no row has one.</summary>
    /// <param name="table">Has the columns that the label reads.</param>
    public static TableColumn? Column(string name, ModelDefinition model, DatasetDefinition dataset, Table table, CancellationToken cancel)
    {
        var schema = FeatureCompiler.SchemaOf(dataset);
        var read = FeatureCompiler.Compile(model.Label, schema, "label", model.File).Columns;
        var inputs = new RawSchema([.. schema.Columns.Where(c => read.Contains(c.Name))]);
        var (numbers, texts) = Values(model, FeatureCompiler.Compile(model.Label, inputs, "label", model.File), inputs, table, cancel);
        if (texts is not null)
        {
            var classes = texts.OfType<string>().Distinct(StringComparer.Ordinal).Order(ClassOrder).ToArray();
            var index = classes.Select((c, i) => (c, i)).ToDictionary(c => c.c, c => c.i, StringComparer.Ordinal);
            return classes.Length == 0 ? null : new StringColumn(name, [.. texts.Select(t => t is null ? -1 : index[t])], classes, texts.Contains(null) ? [.. texts.Select(t => t is null)] : null);
        }

        bool[] missing = [.. numbers!.Select(v => !double.IsFinite(v))];
        if (Array.TrueForAll(missing, m => m)) return null;
        return model.Task == TaskKind.Binary ? new BooleanColumn(name, [.. numbers!.Select(v => v > 0)], missing) : new NumberColumn(name, numbers!, missing);
    }

    /// <summary>Names of the columns that a model's label reads.</summary>
    public static IReadOnlyCollection<string> Reads(ModelDefinition model, DatasetDefinition dataset) =>
        [.. FeatureCompiler.Compile(model.Label, FeatureCompiler.SchemaOf(dataset), "label", model.File).Columns];

    /// <summary>Whole numbers in their own order, everything else by its text.</summary>
    private static IComparer<string> ClassOrder { get; } = Comparer<string>.Create((a, b) =>
        long.TryParse(a, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var x) && long.TryParse(b, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var y)
            ? x.CompareTo(y) : string.CompareOrdinal(a, b));

    private static (double[]? Numbers, string?[]? Texts) Values(ModelDefinition model, ValueReader label, RawSchema inputs, Table table, CancellationToken cancel)
    {
        var texts = model.Task == TaskKind.Multiclass ? new string?[table.Rows] : null;
        var numbers = texts is null ? new double[table.Rows] : null;
        var loader = new RowLoader(table, inputs);
        Parallel.For(0, (table.Rows + ChunkRows - 1) / ChunkRows, new ParallelOptions { CancellationToken = cancel }, inputs.NewRow, (chunk, _, row) =>
        {
            for (var i = chunk * ChunkRows; i < Math.Min(table.Rows, (chunk + 1) * ChunkRows); i++)
            {
                loader.Load(i, row);
                if (texts is null) numbers![i] = label.Number(row);
                else texts[i] = ClassName(label, row);
            }

            return row;
        }, static _ => { });
        return (numbers, texts);
    }

    private static string? ClassName(ValueReader label, RawRow row)
    {
        if (label.Kind == ValueKind.Text) return label.Text(row);
        var value = label.Number(row);
        return double.IsNaN(value) ? null : label.Kind == ValueKind.Boolean ? (value > 0 ? "true" : "false") : FeaturePlan.CategoryText(value);
    }

    private static (int[] Train, int[] Holdout) Split(TrainingRows rows, Func<int, bool> has)
    {
        var (from, holdoutFrom, until) = (rows.Window.TrainFrom.UtcTicks, rows.Window.HoldoutFrom.UtcTicks, rows.Window.Until.UtcTicks);
        var (train, holdout) = (new List<int>(rows.Ticks.Length), new List<int>());
        for (var i = 0; i < rows.Ticks.Length; i++)
        {
            var at = rows.Ticks[i];
            if (at < from || at >= until || !has(i)) continue;
            (at < holdoutFrom ? train : holdout).Add(i);
        }

        return ([.. train], [.. holdout]);
    }

    // Trainers compute with 32-bit labels: beyond their range everything would be infinite.
    private static void RequireRoom(ModelDefinition model, LabelledRows split)
    {
        var beyond = split.TrainLabels.Concat(split.HoldoutLabels).Where(l => Math.Abs(l) > float.MaxValue).ToArray();
        if (beyond.Length > 0)
        {
            throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"label '{model.Label.Text}' of model '{model.Name}' is out of the range of a 32-bit number (3.4e38) in {beyond.Length} rows, such as {beyond[0]:G6}; nothing was trained. Scale it in the label's expression"));
        }
    }

    private static void Require(ModelDefinition model, TrainingRows rows, int[] train, int[] holdout)
    {
        if (train.Length > 0 && holdout.Length > 0) return;
        var window = rows.Window;
        var inWindow = rows.Ticks.Count(t => t >= window.TrainFrom.UtcTicks && t < window.Until.UtcTicks);
        var label = model.Label.Text;
        if (train.Length + holdout.Length == 0)
        {
            throw new DataException($"label '{label}' of model '{model.Name}' is missing in all {inWindow} rows from {Day(window.TrainFrom)} to {Day(window.Until)}; see whether its columns are filled in the drops");
        }

        if (train.Length == 0)
        {
            throw new DataException(FormattableString.Invariant($"model '{model.Name}': the data from {Day(window.TrainFrom)} to {Day(window.Until)} ({inWindow} rows) are all within the holdout of {model.Holdout.TotalDays:0.##} days, so no row is left to train on; ")
                + "shorten 'holdout', lengthen 'window', or ingest more");
        }

        throw new DataException($"model '{model.Name}': no row of the holdout from {Day(window.HoldoutFrom)} to {Day(window.Until)} has the label '{label}', so nothing can be judged; lengthen 'holdout', or ingest rows with labels");
    }

    private static void RequireTwoClasses(ModelDefinition model, TrainingRows rows, IReadOnlyList<string>? classes, int count)
    {
        if (classes is null || classes.Count > 1) return;
        throw new DataException($"label '{model.Label.Text}' of model '{model.Name}' has one class only in the training rows: all {count} from {Day(rows.Window.TrainFrom)} to {Day(rows.Window.HoldoutFrom)} are '{classes[0]}'; "
            + "there is nothing to tell apart. Change the label, or lengthen 'window'");
    }

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
}
