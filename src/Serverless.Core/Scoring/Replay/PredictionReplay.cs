using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <inheritdoc cref="IPredictionReplay"/>
internal sealed class PredictionReplay(Workspace workspace, PredictionFinder finder, BatchRows batches, IModelRegistry registry, IRunEngine runs) : IPredictionReplay
{
    public async Task<PredictionReplayReport> ReplayAsync(string id, string? model = null, CancellationToken cancel = default)
    {
        var logged = id.Contains('/', StringComparison.Ordinal) ? await batches.FindAsync(id, cancel) : await finder.FindAsync(id, model, cancel);
        var report = new PredictionReplayReport
        {
            Id = logged.Id, Time = new DateTimeOffset(logged.Time, TimeSpan.Zero), Model = logged.Model, Version = logged.Version, Role = logged.Role, Segment = logged.Segment, Protocol = logged.Protocol,
            Equal = false, Recorded = new ReplayedAnswer(logged.Prediction, logged.Outputs), Inputs = Parse(logged.Inputs), LookedUp = Parse(logged.LookedUp),
        };
        if (await registry.FindAsync(logged.Model, logged.Version, cancel) is null) return await GoneAsync(report, cancel);
        ServedModel version;
        try
        {
            version = await ServedVersions.LoadAsync(workspace, registry, logged.Model, logged.Version, logged.Role, null, cancel);
        }
        catch (DataException e)
        {
            return report with { Impossible = e.Message };
        }

        return Unknown(logged, version, report) is { } why ? report with { Impossible = why } : Compare(logged, version, report);
    }

    private static PredictionReplayReport Compare(LoggedPrediction logged, ServedModel version, PredictionReplayReport report)
    {
        var scratch = version.Rent();
        RequestReader.ReadRow(Encoding.UTF8.GetBytes(logged.Inputs), logged.LookedUp is { } looked ? Encoding.UTF8.GetBytes(looked) : default, version, scratch.Row);
        version.Pipeline.Score(scratch.Row, scratch.Features, scratch.Outputs);
        var outputs = scratch.Outputs.ToArray();
        version.Return(scratch);
        var now = new ReplayedAnswer(version.Answers.Text(outputs), outputs);
        var differences = Differences(report.Recorded, now);
        return report with { Equal = differences.Count == 0, Recomputed = now, Differences = differences };
    }

    private static List<ReplayDifference> Differences(ReplayedAnswer then, ReplayedAnswer now)
    {
        var found = new List<ReplayDifference>();
        if (then.Prediction != now.Prediction) found.Add(new ReplayDifference("prediction", then.Prediction, now.Prediction));
        for (var i = 0; i < Math.Max(then.Outputs.Count, now.Outputs.Count); i++)
        {
            double? a = i < then.Outputs.Count ? then.Outputs[i] : null, b = i < now.Outputs.Count ? now.Outputs[i] : null;
            if (a is { } x && b is { } y && BitConverter.DoubleToInt64Bits(x) == BitConverter.DoubleToInt64Bits(y)) continue;
            found.Add(new ReplayDifference($"outputs[{i}]", Text(a), Text(b), a is null || b is null ? null : Math.Abs(a.Value - b.Value)));
        }

        return found;
    }

    /// <summary>Why the record does not hold all that the version read; null when it does.</summary>
    private static string? Unknown(LoggedPrediction logged, ServedModel version, PredictionReplayReport report)
    {
        var missing = version.Schema.Inputs.Where(c => c.Required && !Has(report.Inputs, c.Name) && !Has(report.LookedUp, c.Name)).Select(c => $"'{c.Name}'").ToArray();
        if (missing.Length > 0)
        {
            return report.Inputs is JsonObject { Count: 0 } ? "the record's inputs are empty: the row was erased ('serverless-ml erase')"
                : $"the record lacks {(missing.Length == 1 ? "column" : "columns")} {string.Join(", ", missing)}, which the version needs";
        }

        return logged.LookedUp is null && version.Schema.Inputs.Where(c => c.Lookup is not null && !Has(report.Inputs, c.Name)).Select(c => c.Name).ToArray() is { Length: > 0 } looked
            ? $"the record does not say which values were looked up for {string.Join(", ", looked)}: it was written before such values were recorded, or they were erased" : null;
    }

    private async Task<PredictionReplayReport> GoneAsync(PredictionReplayReport report, CancellationToken cancel)
    {
        var remains = new List<string> { "the record itself: inputs, outputs, prediction" };
        var entries = (await registry.AuditAsync(report.Model, cancel)).Where(e => e.Version == report.Version).ToArray();
        remains.AddRange(entries.Select(e => string.Create(CultureInfo.InvariantCulture,
            $"audit, {e.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {e.Action} by {e.By}{(e.Comment.Length > 0 ? $" ({e.Comment})" : "")}")));
        if (entries.Select(e => e.Run).FirstOrDefault(r => r is not null) is { } run && await runs.FindAsync(run, cancel) is not null)
        {
            remains.Add($"the run that made it, {run}: 'serverless-ml reproduce {run}' trains it again");
        }

        var there = (await registry.ListAsync(report.Model, cancel)).Versions.Select(v => v.Version).ToArray();
        return report with
        {
            Impossible = $"version {report.Version} of model '{report.Model}' is not stored any more{(there.Length == 0 ? "; the model has no versions" : $"; there are versions {string.Join(", ", there)}")}", Remains = remains,
        };
    }

    private static bool Has(JsonNode? row, string column) => row is JsonObject o && o.ContainsKey(column);

    private static JsonNode? Parse(string? json)
    {
        try
        {
            return json is null ? null : JsonNode.Parse(json);
        }
        catch (JsonException e)
        {
            throw new DataException($"the record's row is no JSON: {e.Message}", e);
        }
    }

    private static string Text(double? value) => value is { } v ? v.ToString("R", CultureInfo.InvariantCulture) : "-";
}
