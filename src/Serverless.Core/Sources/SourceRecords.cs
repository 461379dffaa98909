using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Sources;

/// <summary>How far a source (by period: one period of it) was read, and which run reads it now.</summary>
internal sealed record SourceMemory
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The run that pulls; the next waits until it has ended.</summary>
    public string? Active { get; init; }

    public SourceMark Mark { get; init; } = new();

    /// <summary>The last pull that ended with an answer.</summary>
    public PullOutcome? Last { get; init; }
}

/// <summary>How a pull ended.</summary>
public sealed record PullOutcome(string Run, PullStatus Status, DateTimeOffset At, string? Reason);

/// <summary>How far a source's schedule was dealt with.</summary>
internal sealed record SourceSchedule
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Occurrences up to here are decided.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Counts the times that the clock was found to have been far ahead, so that an occurrence that comes again is another one.</summary>
    public int Generation { get; init; }

    /// <summary>Join: versions of the inputs that were asked for.</summary>
    public string? Inputs { get; init; }
}

/// <summary>
/// Table <c>sources</c>, partition = dataset. Rows: <c>mark@source[@period]</c>, <c>schedule@source</c>, <c>file@source@digest</c>; names have no <c>@</c>.
/// </summary>
internal sealed class SourceRecords(IRecordStore records)
{
    private const string Table = StoreNames.Tables.Sources;
    private const int KnownSchema = 1;

    public static string MarkRow(string source, PullPeriod? period) => period is null ? $"mark@{source}" : $"mark@{source}@{period.Key}";

    public async Task<(SourceMemory Memory, string? ETag)> MemoryAsync(string dataset, string row, CancellationToken cancel) =>
        await records.GetAsync(Table, dataset, row, cancel) is { } stored ? (Read<SourceMemory>(stored, m => m.SchemaVersion), stored.ETag) : (new SourceMemory(), null);

    /// <summary>False when somebody else was first.</summary>
    public async Task<bool> KeepAsync(string dataset, string row, SourceMemory memory, string? etag, CancellationToken cancel) => await PutAsync(dataset, row, memory, etag, cancel);

    public async Task<(SourceSchedule? Schedule, string? ETag)> ScheduleAsync(string dataset, string source, CancellationToken cancel) =>
        await records.GetAsync(Table, dataset, $"schedule@{source}", cancel) is { } stored ? (Read<SourceSchedule>(stored, m => m.SchemaVersion), stored.ETag) : (null, null);

    public Task<bool> KeepAsync(string dataset, string source, SourceSchedule schedule, string? etag, CancellationToken cancel) => PutAsync(dataset, $"schedule@{source}", schedule, etag, cancel);

    /// <summary>Tags of the files that were accepted, by name.</summary>
    public async Task<IReadOnlyDictionary<string, string>> FilesAsync(string dataset, string source, CancellationToken cancel)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var stored in records.QueryAsync(Table, dataset, prefix: $"file@{source}@", cancel: cancel))
        {
            var file = Read<SourceFile>(stored, f => f.SchemaVersion);
            files[file.Name] = file.Tag;
        }

        return files;
    }

    public Task KeepFileAsync(string dataset, string source, string name, string tag, string run, CancellationToken cancel)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..32];
        return records.UpsertAsync(Table, dataset, $"file@{source}@{digest}", JsonSerializer.Serialize(new SourceFile { Name = name, Tag = tag, Run = run }, ServerlessJson.Options), cancel);
    }

    /// <summary>The last outcome over all periods of a source; null when it was never pulled.</summary>
    public async Task<PullOutcome?> LastAsync(string dataset, string source, CancellationToken cancel)
    {
        var (memory, _) = await MemoryAsync(dataset, $"mark@{source}", cancel);
        var last = memory.Last;
        await foreach (var stored in records.QueryAsync(Table, dataset, prefix: $"mark@{source}@", cancel: cancel))
        {
            if (Read<SourceMemory>(stored, m => m.SchemaVersion).Last is { } other && (last is null || other.At > last.At)) last = other;
        }

        return last;
    }

    private async Task<bool> PutAsync<T>(string dataset, string row, T value, string? etag, CancellationToken cancel)
    {
        var json = JsonSerializer.Serialize(value, ServerlessJson.Options);
        return (etag is null ? await records.InsertAsync(Table, dataset, row, json, cancel) : await records.ReplaceAsync(Table, dataset, row, json, etag, cancel)) is not null;
    }

    private static T Read<T>(StoredRecord stored, Func<T, int> schema)
    {
        var value = JsonSerializer.Deserialize<T>(stored.Json, ServerlessJson.Options)!;
        return schema(value) <= KnownSchema ? value
            : throw new EnvironmentException($"source record '{stored.Partition}/{stored.Row}' was written by a newer version (schemaVersion {schema(value)}; this one reads up to {KnownSchema}). Update this installation.");
    }

    private sealed record SourceFile
    {
        public int SchemaVersion { get; init; } = 1;

        public required string Name { get; init; }

        public required string Tag { get; init; }

        public required string Run { get; init; }
    }
}
