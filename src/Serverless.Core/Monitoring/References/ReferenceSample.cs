using Serverless.Datasets;
using Serverless.Drift.Multivariate;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Training;

namespace Serverless.Monitoring;

/// <summary>Draws the rows that are kept with a version: of the window, by chance, with a bound.</summary>
internal static class ReferenceSample
{
    public const int MostRows = 100_000;
    private const long MostValues = 20_000_000;

    /// <summary>Numbers of the rows to keep, ascending.</summary>
    public static int[] Draw(TrainingRows rows, int columns, int seed)
    {
        var window = Enumerable.Range(0, rows.Ticks.Length).Where(i => rows.Ticks[i] >= rows.Window.TrainFrom.UtcTicks && rows.Ticks[i] < rows.Window.Until.UtcTicks).ToArray();
        var most = (int)Math.Min(MostRows, Math.Max(1000, MostValues / Math.Max(1, columns)));
        return [.. PooledRows.Draw(window.Length, most, new Random(seed)).Select(i => window[i])];
    }

    /// <param name="drawn">Rows of <paramref name="rows"/>.</param>
    /// <param name="columns">The dataset's columns for these rows.</param>
    /// <param name="answers">The model's outputs for the rows of the holdout, in its order.</param>
    public static Table Of(TrainingRows rows, int[] drawn, IReadOnlyList<TableColumn> columns, LabelledRows labels, ModelSchema schema, double[] answers)
    {
        var place = new Dictionary<int, int>(drawn.Length);
        for (var i = 0; i < drawn.Length; i++) place[drawn[i]] = i;
        var (label, labelled) = (new double[drawn.Length], new bool[drawn.Length]);
        var classes = labels.Classes.ToList(); // and those that only the holdout has
        void Keep(int row, double value)
        {
            if (place.TryGetValue(row, out var at)) (label[at], labelled[at]) = (value, true);
        }

        for (var i = 0; i < labels.Train.Length; i++) Keep(labels.Train[i], labels.TrainLabels[i]);
        for (var i = 0; i < labels.Holdout.Length; i++) Keep(labels.Holdout[i], labels.HoldoutClasses is { } names ? ClassOf(names[i], classes) : labels.HoldoutLabels[i]);

        var shape = new AnswerShape(schema);
        var (score, prediction, answered) = (new double[drawn.Length], new double[drawn.Length], new bool[drawn.Length]);
        for (var i = 0; i < labels.Holdout.Length; i++)
        {
            var outputs = answers.AsSpan(i * schema.Outputs, schema.Outputs);
            if (!place.TryGetValue(labels.Holdout[i], out var at) || !AnswerShape.Finite(outputs)) continue;
            answered[at] = true;
            score[at] = shape.Score(outputs);
            prediction[at] = schema.Task switch { TaskKind.Binary => shape.IsTrue(outputs) ? 1 : 0, TaskKind.Multiclass => shape.Best(outputs), _ => outputs[0] };
        }

        var holdoutFrom = rows.Window.HoldoutFrom.UtcTicks;
        bool[]? Without(bool[] present) => Array.TrueForAll(present, p => p) ? null : [.. present.Select(p => !p)];
        return new Table(drawn.Length,
        [
            .. columns,
            Column(ReferenceColumns.Label, schema.Task, label, Without(labelled), classes),
            new StringColumn(ReferenceColumns.Part, [.. drawn.Select(r => rows.Ticks[r] < holdoutFrom ? 0 : 1)], [ReferenceColumns.Train, ReferenceColumns.Holdout], null),
            Column(ReferenceColumns.Prediction, schema.Task, prediction, Without(answered), schema.Classes),
            new NumberColumn(ReferenceColumns.Score, score, Without(answered)),
        ]);
    }

    /// <summary>Labels or predictions as a column of the task's type.</summary>
    /// <param name="values">0 or 1; an index into <paramref name="classes"/>; or the value itself.</param>
    public static TableColumn Column(string name, TaskKind task, double[] values, bool[]? missing, IReadOnlyList<string> classes) => task switch
    {
        TaskKind.Binary => new BooleanColumn(name, [.. values.Select(v => v > 0)], missing),
        TaskKind.Multiclass => new StringColumn(name, [.. values.Select((v, i) => missing is not null && missing[i] ? -1 : (int)v)], [.. classes], missing),
        _ => new NumberColumn(name, values, missing),
    };

    private static double ClassOf(string name, List<string> classes)
    {
        var at = classes.IndexOf(name);
        if (at < 0)
        {
            at = classes.Count;
            classes.Add(name);
        }

        return at;
    }
}
