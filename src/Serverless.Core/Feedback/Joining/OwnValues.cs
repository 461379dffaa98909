using System.Security.Cryptography;
using System.Text;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Feedback;

/// <summary>What a prediction whose outcome is known adds to the model file's own metrics (business value), from the row as the log has it.</summary>
internal static class OwnValues
{
    /// <summary>Of the definitions: values that were computed by others do not add up with these.</summary>
    public static string Hash(ModelDefinition model) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', BusinessMetrics.Of(model).Select(m => $"{m.Name}={m.Value.Text}")))))[..16];

    /// <param name="inputs">Rows as they were sent, by prediction.</param>
    /// <param name="schemas">Of the versions that answered; a version that is gone has no values.</param>
    public static List<JoinedPrediction> Of(
        ModelDefinition model, DatasetDefinition dataset, IReadOnlyList<JoinedPrediction> predictions, Dictionary<string, string?> inputs, IReadOnlyDictionary<int, ModelSchema?> schemas, CancellationToken cancel)
    {
        var hash = Hash(model);
        var result = new List<JoinedPrediction>(predictions.Count);
        foreach (var version in predictions.GroupBy(p => schemas.GetValueOrDefault(p.Version) is { } s && s.Task == model.Task && p.Actual is not null ? p.Version : -1))
        {
            var some = version.ToList();
            if (version.Key < 0)
            {
                result.AddRange(some);
                continue;
            }

            var judged = RealisedRows.Judged(schemas[version.Key]!, some);
            var columns = BusinessMetrics.Columns(model, dataset).Select(c => dataset.Column(c)!).ToList();
            var table = new Table(some.Count, [.. columns.Select(c => LoggedInputs.Column(c.Name, c.Type, [.. some.Select(p => LogRows.Field(inputs[p.Id], c.Name))]))]);
            var values = BusinessMetrics.Values(model, table, [.. Enumerable.Range(0, some.Count)], model.Task == TaskKind.Multiclass ? [.. some.Select(p => p.Actual!.Value.GetString()!)] : null, judged, cancel);
            for (var i = 0; i < some.Count; i++)
            {
                var own = values.Where(v => !double.IsNaN(v.Value.Values[i])).ToDictionary(v => v.Key, v => v.Value.Values[i]);
                result.Add(some[i] with { Own = own, OwnHash = hash });
            }
        }

        return result;
    }
}
