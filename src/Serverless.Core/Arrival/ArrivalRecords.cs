using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Arrival;

/// <summary>Table <c>arrivals</c>: events with partition = dataset, row = start of the period and outcome, inserted if absent; the present state beside them.</summary>
internal sealed class ArrivalRecords(IRecordStore records)
{
    private const string Table = StoreNames.Tables.Arrivals;
    // No dataset can have this name.
    private const string States = "_state";
    private const int KnownSchema = 1;

    public async Task<(ArrivalState State, string ETag)?> FindAsync(string dataset, CancellationToken cancel) =>
        await records.GetAsync(Table, States, dataset, cancel) is { } stored ? (Read<ArrivalState>(stored, s => s.SchemaVersion), stored.ETag) : null;

    /// <summary>False when another process was first; its state counts then.</summary>
    public async Task<bool> KeepAsync(ArrivalState state, string? etag, CancellationToken cancel)
    {
        var json = JsonSerializer.Serialize(state, ServerlessJson.Options);
        return (etag is null ? await records.InsertAsync(Table, States, state.Dataset, json, cancel) : await records.ReplaceAsync(Table, States, state.Dataset, json, etag, cancel)) is not null;
    }

    /// <summary>The event as it is kept: the given one, or the one that was found before.</summary>
    public async Task<ArrivalEvent> AddAsync(ArrivalEvent found, DateTimeOffset start, CancellationToken cancel)
    {
        var row = string.Create(CultureInfo.InvariantCulture, $"{start.UtcDateTime:yyyyMMddHHmmss}-{(int)Order(found.Outcome)}");
        if (await records.InsertAsync(Table, found.Dataset, row, JsonSerializer.Serialize(found, ServerlessJson.Options), cancel) is not null) return found;
        return await records.GetAsync(Table, found.Dataset, row, cancel) is { } there ? Read<ArrivalEvent>(there, e => e.SchemaVersion) : found;
    }

    public async Task<IReadOnlyList<ArrivalEvent>> ListAsync(string dataset, CancellationToken cancel)
    {
        var events = new List<ArrivalEvent>();
        await foreach (var stored in records.QueryAsync(Table, dataset, cancel: cancel)) events.Add(Read<ArrivalEvent>(stored, e => e.SchemaVersion));
        return events;
    }

    // On time and late arrival exclude each other, so they share a place.
    private static int Order(ArrivalOutcome outcome) => outcome switch { ArrivalOutcome.Late => 1, ArrivalOutcome.Missed => 2, _ => 3 };

    private static T Read<T>(StoredRecord stored, Func<T, int> schema)
    {
        var value = JsonSerializer.Deserialize<T>(stored.Json, ServerlessJson.Options)!;
        return schema(value) <= KnownSchema ? value
            : throw new EnvironmentException($"arrival record '{stored.Partition}/{stored.Row}' was written by a newer version (schemaVersion {schema(value)}; this one reads up to {KnownSchema}). Update this installation.");
    }
}
