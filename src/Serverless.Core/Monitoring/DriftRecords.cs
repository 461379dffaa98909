using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Monitoring;

/// <summary>Reads what monitoring found.</summary>
public interface IDriftHistory
{
    /// <summary>Reports of a model, newest first.</summary>
    /// <param name="after">Run of the last one seen; null = from the newest.</param>
    /// <exception cref="RequestException">No report is of that run.</exception>
    IAsyncEnumerable<DriftEntry> ListAsync(string model, string? after = null, CancellationToken cancel = default);

    /// <summary>The whole report of a run, or null.</summary>
    Task<MonitorReport?> FindAsync(string model, string run, CancellationToken cancel = default);
}

/// <summary>Table <c>drift</c>: partition = model, row = time counted down, so that the newest comes first; and how far each model was looked at.</summary>
internal sealed class DriftRecords(IRecordStore records, IObjectStore objects) : IDriftHistory
{
    private const string Table = StoreNames.Tables.Drift;
    private const int KnownSchema = 1;

    // No model can have this name.
    private const string MemoryPartition = "_memory";

    public static string ReportKey(string run) => $"{StoreNames.Containers.Runs}/{run}/drift.json";

    /// <summary>Once for each run.</summary>
    public Task AddAsync(DriftEntry entry, CancellationToken cancel) =>
        records.InsertAsync(Table, entry.Model, Row(entry.At, entry.Run), JsonSerializer.Serialize(entry, ServerlessJson.Options), cancel);

    public async IAsyncEnumerable<DriftEntry> ListAsync(string model, string? after = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var seen = after is null;
        await foreach (var stored in records.QueryAsync(Table, model, cancel: cancel))
        {
            if (seen) yield return Read<DriftEntry>(stored, e => e.SchemaVersion);
            else seen = stored.Row.EndsWith("-" + after, StringComparison.Ordinal);
        }

        if (!seen) throw new RequestException($"run '{after}' has no drift report of model '{model}'.");
    }

    public async Task<DriftEntry?> NewestAsync(string model, CancellationToken cancel)
    {
        await foreach (var entry in ListAsync(model, null, cancel)) return entry;
        return null;
    }

    public async Task<MonitorReport?> FindAsync(string model, string run, CancellationToken cancel = default)
    {
        await foreach (var stored in records.QueryAsync(Table, model, cancel: cancel))
        {
            if (stored.Row.EndsWith("-" + run, StringComparison.Ordinal)) return await ReportAsync(run, cancel);
        }

        return null;
    }

    public async Task<MonitorReport?> ReportAsync(string run, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(ReportKey(run), cancel);
        if (stream is null) return null;
        using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancel);
        var schema = document.RootElement.TryGetProperty("schemaVersion", out var version) && version.TryGetInt32(out var number) ? number : 1;
        if (schema > KnownSchema) throw new EnvironmentException($"'{ReportKey(run)}' was written by a newer version (schemaVersion {schema}; this one reads up to {KnownSchema}). Update this installation.");
        return document.RootElement.Deserialize<MonitorReport>(ServerlessJson.Options);
    }

    public async Task PutAsync(MonitorReport report, string run, CancellationToken cancel) =>
        await objects.PutIfAbsentAsync(ReportKey(run), new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(report, ServerlessJson.Options)), cancel);

    public async Task<MonitorMemory?> RememberAsync(string model, CancellationToken cancel) =>
        await records.GetAsync(Table, MemoryPartition, model, cancel) is { } stored ? Read<MonitorMemory>(stored, m => m.SchemaVersion) : null;

    public Task KeepAsync(string model, MonitorMemory memory, CancellationToken cancel) =>
        records.UpsertAsync(Table, MemoryPartition, model, JsonSerializer.Serialize(memory, ServerlessJson.Options), cancel);

    private static string Row(DateTimeOffset at, string run) => string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - at.ToUnixTimeMilliseconds():D15}-{run}");

    private static T Read<T>(StoredRecord stored, Func<T, int> schema)
    {
        var value = JsonSerializer.Deserialize<T>(stored.Json, ServerlessJson.Options)!;
        return schema(value) <= KnownSchema ? value
            : throw new EnvironmentException($"drift record '{stored.Row}' was written by a newer version (schemaVersion {schema(value)}; this one reads up to {KnownSchema}). Update this installation.");
    }
}

/// <summary>How far a model was monitored.</summary>
internal sealed record MonitorMemory
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Versions of the dataset up to here were compared, or had nothing to compare.</summary>
    public int DatasetVersion { get; init; }

    /// <summary>When the last comparison was asked for.</summary>
    public required DateTimeOffset LastAt { get; init; }
}
