using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Rollouts;

/// <summary>What processes counted, in table <c>rolloutcounts</c>: partition = rollout, row = process. Each writes its own row, so nobody waits for anybody, and a process that dies leaves what it said last.</summary>
internal sealed class CounterRecords(IRecordStore records)
{
    private const string Table = StoreNames.Tables.RolloutCounts;
    private const int KnownSchema = 1;

    public Task WriteAsync(string rollout, string process, IReadOnlyList<VariantTotals> totals, DateTimeOffset at, CancellationToken cancel) =>
        records.UpsertAsync(Table, rollout, process, JsonSerializer.Serialize(new Counted { At = at, Totals = totals }, ServerlessJson.Options), cancel);

    /// <summary>The sum over all processes, by variant.</summary>
    public async Task<IReadOnlyList<VariantTotals>> SumAsync(string rollout, CancellationToken cancel)
    {
        var sums = new SortedDictionary<string, VariantTotals>(StringComparer.Ordinal);
        await foreach (var row in records.QueryAsync(Table, rollout, cancel: cancel))
        {
            var counted = JsonSerializer.Deserialize<Counted>(row.Json, ServerlessJson.Options)!;
            if (counted.SchemaVersion > KnownSchema) throw new EnvironmentException($"what process '{row.Row}' counted of rollout '{rollout}' has schemaVersion {counted.SchemaVersion}; this program knows up to {KnownSchema}: update it");
            foreach (var totals in counted.Totals) sums[totals.Variant] = sums.TryGetValue(totals.Variant, out var before) ? before + totals : totals;
        }

        return [.. sums.Values];
    }

    private sealed record Counted
    {
        public int SchemaVersion { get; init; } = 1;

        public required DateTimeOffset At { get; init; }

        public required IReadOnlyList<VariantTotals> Totals { get; init; }
    }
}
