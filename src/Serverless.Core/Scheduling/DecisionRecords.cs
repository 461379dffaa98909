using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Scheduling;

/// <summary>Decisions in the record store: partition = model, row = time and cause; inserted if absent, so a decision made twice is kept once.</summary>
internal sealed class DecisionRecords(IRecordStore records) : IDecisions
{
    // No model can have this name.
    private const string MemoryPartition = "_memory";
    private const int KnownSchema = 1;

    public async Task<IReadOnlyList<Decision>> ListAsync(string model, CancellationToken cancel = default)
    {
        var found = new List<Decision>();
        await foreach (var stored in records.QueryAsync(StoreNames.Tables.Decisions, model, cancel: cancel)) found.Add(Read<Decision>(stored, d => d.SchemaVersion));
        // Rows stand by what they are about; a "no" that was repeated for another reason came later than its row says.
        found.Reverse();
        return [.. found.OrderByDescending(d => d.At)];
    }

    /// <param name="key">What makes it this decision: the same for whoever decides the same.</param>
    /// <returns>False when it was decided before.</returns>
    public async Task<bool> AddAsync(Decision decision, DateTimeOffset about, string key, CancellationToken cancel)
    {
        var row = $"{about.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}-{key}";
        return await records.InsertAsync(StoreNames.Tables.Decisions, decision.Model, row, JsonSerializer.Serialize(decision, ServerlessJson.Options), cancel) is not null;
    }

    /// <summary>What was decided up to now for a model; null when nothing was.</summary>
    public async Task<RetrainMemory?> RememberAsync(string model, CancellationToken cancel) =>
        await records.GetAsync(StoreNames.Tables.Decisions, MemoryPartition, model, cancel) is { } stored ? Read<RetrainMemory>(stored, m => m.SchemaVersion) : null;

    public Task KeepAsync(string model, RetrainMemory memory, CancellationToken cancel) =>
        records.UpsertAsync(StoreNames.Tables.Decisions, MemoryPartition, model, JsonSerializer.Serialize(memory, ServerlessJson.Options), cancel);

    private static T Read<T>(StoredRecord stored, Func<T, int> schema)
    {
        var value = JsonSerializer.Deserialize<T>(stored.Json, ServerlessJson.Options)!;
        return schema(value) <= KnownSchema ? value
            : throw new EnvironmentException($"decision '{stored.Row}' was written by a newer version (schemaVersion {schema(value)}; this one reads up to {KnownSchema}). Update this installation.");
    }
}

/// <summary>How far the causes of a model were dealt with.</summary>
internal sealed record RetrainMemory
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Occurrences of the schedule up to here are decided.</summary>
    public required DateTimeOffset ScheduledUntil { get; init; }

    /// <summary>Versions of the dataset up to here are decided.</summary>
    public int DatasetVersion { get; init; }

    /// <summary>Drift found up to here is decided.</summary>
    public DateTimeOffset? DriftUntil { get; init; }

    /// <summary>Requests up to here are decided.</summary>
    public DateTimeOffset? RequestsUntil { get; init; }

    /// <summary>What was said last about a cause that is still due, by its key: said again only when the reason changed.</summary>
    public IReadOnlyDictionary<string, SaidNo> Waiting { get; init; } = new Dictionary<string, SaidNo>();
}

/// <param name="Times">How many reasons there were so far.</param>
internal sealed record SaidNo(int Times, string Reason);
