using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Sources;

/// <summary>Lets requests through to a source, as many as its limit allows, over all processes of one store.</summary>
public interface ISourceLimits
{
    /// <summary>Waits for a place. Disposing gives it back.</summary>
    /// <param name="holder">The run: it asks one request after another, so a place that it still has was left by a process that died.</param>
    /// <param name="longest">A place that was not given back (its process died) is free again after this.</param>
    Task<IAsyncDisposable> EnterAsync(string dataset, SourceDefinition source, string holder, TimeSpan longest, CancellationToken cancel = default);
}

/// <summary>
/// A log of the requests of the last window in one record, changed by compare-and-swap. A request counts against the window from its end on, not from its beginning: the
/// source saw it at some moment before that, so no window of the source's own clock sees more requests than the limit, whatever the network does.
/// </summary>
internal sealed class SourceLimits(IRecordStore records, TimeProvider time, IdSource ids) : ISourceLimits
{
    // No dataset can have this name.
    private const string Partition = "_limits";
    private const string Table = StoreNames.Tables.Sources;
    private const int KnownSchema = 1;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    public async Task<IAsyncDisposable> EnterAsync(string dataset, SourceDefinition source, string holder, TimeSpan longest, CancellationToken cancel = default)
    {
        var limit = source.Limit;
        var row = limit.Share ?? $"{dataset}.{source.Name}";
        var id = ids.Next(10);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var (log, etag) = await ReadAsync(row, cancel);
            var now = time.GetUtcNow();
            var entries = Present(log, limit, now).Select(e => e.Ended is null && e.Holder == holder ? e with { Ended = now } : e).Where(e => e.Ended is null || limit.Requests is not null).ToArray();
            if (Wait(entries, limit, now) is { } wait)
            {
                // Ends in the future are kept as of now, or each look would put them off again.
                if (log.Requests.Any(e => e.Ended > now)) await WriteAsync(row, entries, etag, cancel);
                await Task.Delay(wait, time, cancel);
                continue;
            }

            if (await WriteAsync(row, [.. entries, new Entry(id, null, now + longest, holder)], etag, cancel)) return new Place(this, row, id, limit);
            await Task.Delay(Jitter(Shortest), time, cancel); // somebody else was first
        }
    }

    private async Task LeaveAsync(string row, string id, SourceLimit limit)
    {
        while (true)
        {
            var (log, etag) = await ReadAsync(row, CancellationToken.None);
            var now = time.GetUtcNow();
            var entries = Present(log, limit, now).Where(e => e.Id != id || limit.Requests is not null).Select(e => e.Id == id ? e with { Ended = now } : e).ToArray();
            if (await WriteAsync(row, entries, etag, CancellationToken.None)) return;
            await Task.Delay(Jitter(Shortest), time);
        }
    }

    /// <summary>Requests that still count. An end in the future was written before a clock was put back: it counts from now.</summary>
    private static Entry[] Present(Log log, SourceLimit limit, DateTimeOffset now) =>
    [
        .. log.Requests
            .Select(e => e.Ended is null && e.Until <= now ? e with { Ended = e.Until } : e)
            .Select(e => e.Ended > now ? e with { Ended = now } : e)
            .Where(e => e.Ended is null || (limit.Requests is not null && e.Ended + limit.Per > now)),
    ];

    /// <summary>Null when there is a place.</summary>
    private TimeSpan? Wait(Entry[] entries, SourceLimit limit, DateTimeOffset now)
    {
        if (entries.Count(e => e.Ended is null) >= limit.Concurrency) return Jitter(Poll < limit.Per ? Poll : limit.Per);
        if (limit.Requests is not { } most || entries.Length < most) return null;
        // Until the oldest that has ended leaves the window; while all are under way, until one of them may have ended.
        return entries.Where(e => e.Ended is not null).Min(e => e.Ended) is { } ended ? ended + limit.Per - now + Shortest : Jitter(Poll);
    }

    // Half of it, and some of the other half, so that those who wait do not come back together.
    private TimeSpan Jitter(TimeSpan wait) => wait * (0.5 + (0.5 * ids.Next(1)[0] % 32 / 32));

    private async Task<(Log Log, string? ETag)> ReadAsync(string row, CancellationToken cancel)
    {
        if (await records.GetAsync(Table, Partition, row, cancel) is not { } stored) return (new Log(), null);
        var log = JsonSerializer.Deserialize<Log>(stored.Json, ServerlessJson.Options)!;
        return log.SchemaVersion <= KnownSchema ? (log, stored.ETag)
            : throw new EnvironmentException($"the limit record '{row}' was written by a newer version (schemaVersion {log.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation.");
    }

    private async Task<bool> WriteAsync(string row, Entry[] entries, string? etag, CancellationToken cancel)
    {
        var json = JsonSerializer.Serialize(new Log { Requests = entries }, ServerlessJson.Options);
        return (etag is null ? await records.InsertAsync(Table, Partition, row, json, cancel) : await records.ReplaceAsync(Table, Partition, row, json, etag, cancel)) is not null;
    }

    private sealed record Log
    {
        public int SchemaVersion { get; init; } = 1;

        public IReadOnlyList<Entry> Requests { get; init; } = [];
    }

    private sealed record Entry(string Id, DateTimeOffset? Ended, DateTimeOffset Until, string Holder);

    private sealed class Place(SourceLimits limits, string row, string id, SourceLimit limit) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(limits.LeaveAsync(row, id, limit));
    }
}
