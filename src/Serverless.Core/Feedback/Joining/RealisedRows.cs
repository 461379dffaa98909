using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Feedback;

/// <summary>Predictions whose outcome is known, as rows to be judged like those of a holdout.</summary>
internal static class RealisedRows
{
    /// <summary>Whether it can be judged: what came true is known, and the answer is one of the version's.</summary>
    public static bool IsLabelled(JoinedPrediction prediction, ModelSchema schema) =>
        prediction.Actual is not null && prediction.Outputs.Length == schema.Outputs && Array.TrueForAll(prediction.Outputs, double.IsFinite);

    /// <param name="predictions">All labelled, all of one version.</param>
    public static JudgedRows Judged(ModelSchema schema, IReadOnlyList<JoinedPrediction> predictions)
    {
        var classes = schema.Task == TaskKind.Multiclass ? schema.Classes.Select((c, i) => (c, i)).ToDictionary(c => c.c, c => (double)c.i, StringComparer.Ordinal) : null;
        return new JudgedRows(schema.Task, [.. predictions.Select(p => Truth(p, classes))], [.. predictions.SelectMany(p => p.Outputs)], schema.Task == TaskKind.Regression ? [] : schema.Classes, schema.Threshold);
    }

    private static double Truth(JoinedPrediction prediction, Dictionary<string, double>? classes)
    {
        var actual = prediction.Actual!.Value;
        return classes is not null ? classes.GetValueOrDefault(actual.GetString()!, -1) : Actuals.Truth(actual) is { } truth && actual.ValueKind is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False
            ? truth ? 1 : 0 : Actuals.Number(actual) ?? double.NaN;
    }
}
