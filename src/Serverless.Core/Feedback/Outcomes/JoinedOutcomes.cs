using System.Text.Json;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Rollouts;
using Serverless.Storage;

namespace Serverless.Feedback;

/// <summary>Outcomes of a rollout by metric, as the last join left them.</summary>
internal sealed record StoredOutcomes
{
    public int SchemaVersion { get; init; } = 1;

    public required DateTimeOffset At { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<OutcomeRow>> Metrics { get; init; }
}

/// <summary>
/// What A/B tests, bandits and the guard on feedback go by. The unit is the subject, with the mean of its predictions' values, and belongs to the variant it met first (intention to treat). Whoever looks
/// only reads one small object: the joins make it.
/// </summary>
internal sealed class JoinedOutcomes(IObjectStore objects, RolloutRecords rollouts, TimeProvider time) : IOutcomes
{
    private const int KnownSchema = 1;

    // While a rollout is under way its outcomes are made anew every minute. Older ones are from before a standstill: what came meanwhile may say something else.
    private static readonly TimeSpan Stale = TimeSpan.FromHours(1);

    public async Task<IReadOnlyList<OutcomeRow>> ReadAsync(string model, string rollout, string? metric, CancellationToken cancel = default)
    {
        await using var stream = await objects.OpenReadAsync(Key(model, rollout), cancel);
        if (stream is null) return [];
        var stored = (await JsonSerializer.DeserializeAsync<StoredOutcomes>(stream, ServerlessJson.Options, cancel))!;
        if (stored.SchemaVersion > KnownSchema) throw new EnvironmentException($"'{Key(model, rollout)}' was written by a newer version (schemaVersion {stored.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation.");
        if (time.GetUtcNow() - stored.At > Stale && (await rollouts.AllAsync(model, cancel)).Any(r => r.Record.Id == rollout && r.Record.Active)) return [];
        return stored.Metrics.GetValueOrDefault(metric ?? "") ?? [];
    }

    public static string Key(string model, string rollout) => $"{StoreNames.Containers.Feedback}/{model}/_rollouts/{rollout}.outcomes.json";
}

/// <summary>Makes the outcomes of a rollout from its units and the joined feedback.</summary>
internal sealed class OutcomeTables(IObjectStore objects, JoinedHours hours, RolloutUnits units, IModelRegistry registry)
{
    public async Task UpdateAsync(ModelDefinition model, RolloutRecord rollout, DateTimeOffset now, CancellationToken cancel)
    {
        var shadow = rollout.Kind == RolloutKind.Shadow;
        // A clock that is behind may have written the first predictions down before the beginning.
        var from = rollout.StartedAt.AddHours(-1);
        var all = await units.UpdateAsync(model.Name, rollout.Id, shadow, from, now, cancel);
        var values = new Dictionary<(string Unit, string Metric), (double Sum, int Count)>();
        var classes = new Dictionary<int, IReadOnlyList<string>?>();
        var hash = OwnValues.Hash(model);
        await foreach (var one in hours.ReadAsync(model.Name, from, now.AddDays(1), cancel))
        {
            if (one.Rollout != rollout.Id || one.Subject is null) continue;
            var key = RolloutUnits.Key(one.Subject, one.Variant, shadow);
            if (!all.ContainsKey(key)) continue;
            if (model.Task == TaskKind.Multiclass && !classes.ContainsKey(one.Version)) classes[one.Version] = (await registry.FindAsync(model.Name, one.Version, cancel))?.Schema.Classes;
            foreach (var (metric, value) in RowOutcomes.Of(model, one, classes.GetValueOrDefault(one.Version), hash))
            {
                var (sum, count) = values.GetValueOrDefault((key, metric));
                values[(key, metric)] = (sum + value, count + 1);
            }
        }

        var groups = all.GroupBy(u => (u.Value.Variant, u.Value.Version, Day: DateOnly.FromDateTime(u.Value.Met.UtcDateTime))).OrderBy(g => g.Key.Day).ThenBy(g => g.Key.Variant, StringComparer.Ordinal).ThenBy(g => g.Key.Version).ToList();
        var metrics = RowOutcomes.Names(model).Append("").Distinct(StringComparer.Ordinal).ToDictionary(m => m, m => (IReadOnlyList<OutcomeRow>)[.. groups.Select(g => Row(g, m, values))], StringComparer.Ordinal);
        await objects.PutAsync(JoinedOutcomes.Key(model.Name, rollout.Id), new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new StoredOutcomes { At = now, Metrics = metrics }, ServerlessJson.Options)), cancel);
    }

    private static OutcomeRow Row(IGrouping<(string Variant, int Version, DateOnly Day), KeyValuePair<string, Unit>> group, string metric, Dictionary<(string, string), (double Sum, int Count)> values)
    {
        long subjects = 0, crossed = 0;
        double count = 0, sum = 0, squares = 0;
        foreach (var (key, unit) in group)
        {
            subjects++;
            if (unit.Crossed) crossed++;
            if (!values.TryGetValue((key, metric), out var value)) continue;
            var mean = value.Sum / value.Count;
            (count, sum, squares) = (count + 1, sum + mean, squares + (mean * mean));
        }

        return new OutcomeRow(group.Key.Variant, group.Key.Version, group.Key.Day, subjects, count, sum, squares, crossed);
    }
}
