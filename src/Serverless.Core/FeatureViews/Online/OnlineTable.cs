using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.FeatureViews.Online;

/// <summary>
/// The current value of each key, in records. A refresh writes a generation of its own and then moves the head to it by compare-and-swap, so a reader sees the one or the other and
/// never half of each. The generation before the present one stays until the next refresh, for readers that hold its head.
/// </summary>
internal sealed class OnlineTable(IRecordStore records)
{
    private const string HeadRow = "_head";
    private const int KeysPerBucket = 32;
    private const int AtOnce = 16;

    /// <exception cref="DataException">A newer version wrote it.</exception>
    public async Task<(OnlineHead Head, string ETag)?> HeadAsync(string source, CancellationToken cancel)
    {
        if (await records.GetAsync(StoreNames.Tables.Features, source, HeadRow, cancel) is not { } record) return null;
        var head = JsonSerializer.Deserialize<OnlineHead>(record.Json, ServerlessJson.Options)!;
        return head.SchemaVersion <= OnlineHead.Known ? (head, record.ETag)
            : throw new DataException($"the online table of '{source}' was written by a newer version (schema {head.SchemaVersion}, known {OnlineHead.Known}); update this program");
    }

    /// <summary>Writes the values of a generation; a second time the same. Returns the number of buckets.</summary>
    public async Task<int> WriteAsync(string source, string generation, Table values, int keys, CancellationToken cancel)
    {
        var buckets = Math.Max(1, (values.Rows + KeysPerBucket - 1) / KeysPerBucket);
        var rows = new Dictionary<string, OnlineValue>[buckets];
        var times = (TimestampColumn)values["_time"];
        for (var row = 0; row < values.Rows; row++)
        {
            var key = KeyText([.. values.Columns.Take(keys).Select(c => ((StringColumn)c)[row]!)]);
            (rows[Bucket(key, buckets)] ??= new(StringComparer.Ordinal))[key] = new OnlineValue(times.Ticks[row], [.. values.Columns.Skip(keys + 1).Select(c => Cell(c, row))]);
        }

        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var json = JsonSerializer.Serialize(rows[bucket] ?? [], ServerlessJson.Options);
            await records.UpsertAsync(StoreNames.Tables.Features, Partition(source, generation), Row(bucket), json, cancel);
        }

        return buckets;
    }

    /// <summary>Makes a generation the present one. False: a later one is there already, and this one is gone.</summary>
    public async Task<bool> MoveAsync(OnlineHead next, CancellationToken cancel)
    {
        while (true)
        {
            var present = await HeadAsync(next.Source, cancel);
            if (present?.Head.Generation == next.Generation)
            {
                // A repeated step: whoever moved the head may have died before it took out what nobody reads any more.
                if (present?.Head.Gone is { } left) await DropAsync(next.Source, left, cancel);
                return true;
            }

            // It was present, and is what readers may still hold.
            if (present?.Head.Previous == next.Generation) return true;
            if (present is { } p && (p.Head.At, p.Head.DatasetVersion).CompareTo((next.At, next.DatasetVersion)) > 0)
            {
                await DropAsync(next.Source, next.Generation, cancel);
                return false;
            }

            var json = JsonSerializer.Serialize(next with { Previous = present?.Head.Generation, Gone = present?.Head.Previous }, ServerlessJson.Options);
            var etag = present is { } old ? await records.ReplaceAsync(StoreNames.Tables.Features, next.Source, HeadRow, json, old.ETag, cancel)
                : await records.InsertAsync(StoreNames.Tables.Features, next.Source, HeadRow, json, cancel);
            if (etag is null) continue;
            if (present?.Head.Previous is { } gone) await DropAsync(next.Source, gone, cancel);
            return true;
        }
    }

    /// <summary>Takes out a generation that nobody reads any more, or that was never finished.</summary>
    public async Task DropAsync(string source, string generation, CancellationToken cancel)
    {
        var rows = new List<string>();
        await foreach (var record in records.QueryAsync(StoreNames.Tables.Features, Partition(source, generation), cancel: cancel)) rows.Add(record.Row);
        foreach (var row in rows) await records.DeleteAsync(StoreNames.Tables.Features, Partition(source, generation), row, cancel: cancel);
    }

    /// <summary>Takes everything out; the generations that were there.</summary>
    public async Task<IReadOnlyList<string>> ClearAsync(string source, CancellationToken cancel)
    {
        var generations = new List<string>();
        await foreach (var partition in records.PartitionsAsync(StoreNames.Tables.Features, cancel))
        {
            if (partition.StartsWith(source + "@", StringComparison.Ordinal)) generations.Add(partition[(source.Length + 1)..]);
        }

        await records.DeleteAsync(StoreNames.Tables.Features, source, HeadRow, cancel: cancel);
        foreach (var generation in generations) await DropAsync(source, generation, cancel);
        return generations;
    }

    /// <summary>The value of a key and the head under which it was read. A head whose generation was taken out meanwhile is read again, so a known key is never missing because of refreshes.</summary>
    public async Task<(OnlineHead? Head, OnlineValue? Value)> ReadAsync(string source, string key, CancellationToken cancel)
    {
        string? before = null;
        while ((await HeadAsync(source, cancel).ConfigureAwait(false))?.Head is { } head)
        {
            var (there, value) = await FindAsync(head, key, cancel).ConfigureAwait(false);
            if (there || head.Generation == before) return (head, value);
            before = head.Generation;
        }

        return (null, null);
    }

    /// <summary>The values of several keys, of one generation; what is not there is not among them. Keys that lie together are read together, and some at a time.</summary>
    public async Task<(OnlineHead? Head, IReadOnlyDictionary<string, OnlineValue> Values)> ReadAsync(string source, IReadOnlyList<string> keys, CancellationToken cancel)
    {
        string? before = null;
        while ((await HeadAsync(source, cancel).ConfigureAwait(false))?.Head is { } head)
        {
            var (values, gone) = (new ConcurrentDictionary<string, OnlineValue>(StringComparer.Ordinal), false);
            await Parallel.ForEachAsync(keys.GroupBy(k => Bucket(k, head.Buckets)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (bucket, stop) =>
            {
                if (await BucketAsync(head, bucket.Key, stop).ConfigureAwait(false) is not { } found) Volatile.Write(ref gone, true);
                else foreach (var key in bucket) if (found.TryGetValue(key, out var value)) values[key] = value;
            }).ConfigureAwait(false);
            if (!gone || head.Generation == before) return (head, values);
            before = head.Generation;
        }

        return (null, new Dictionary<string, OnlineValue>());
    }

    /// <summary>The value of a key in a generation; not there at all when the generation was taken out.</summary>
    internal async Task<(bool There, OnlineValue? Value)> FindAsync(OnlineHead head, string key, CancellationToken cancel) =>
        await BucketAsync(head, Bucket(key, head.Buckets), cancel).ConfigureAwait(false) is { } found ? (true, found.GetValueOrDefault(key)) : (false, null);

    private async Task<Dictionary<string, OnlineValue>?> BucketAsync(OnlineHead head, int bucket, CancellationToken cancel)
    {
        if (await records.GetAsync(StoreNames.Tables.Features, Partition(head.Source, head.Generation), Row(bucket), cancel).ConfigureAwait(false) is not { } record) return null;
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, OnlineValue>>(record.Json, ServerlessJson.Options);
        }
        catch (JsonException e)
        {
            throw new DataException($"the online table of '{head.Source}' is damaged (generation {head.Generation}, part {bucket}): {e.Message} Put it online again: serverless-ml features materialise {head.Source}", e);
        }
    }

    /// <summary>The text of a key: its parts one after the other. What parts them may itself stand in a part.</summary>
    public static string KeyText(IReadOnlyList<string> parts) => parts.Count == 1 ? parts[0]
        : string.Join('\u001f', parts.Select(p => p.AsSpan().IndexOfAny('\u001e', '\u001f') < 0 ? p : p.Replace("\u001e", "\u001e0", StringComparison.Ordinal).Replace("\u001f", "\u001e1", StringComparison.Ordinal)));

    private static string Partition(string source, string generation) => $"{source}@{generation}";

    private static string Row(int bucket) => bucket.ToString("D7", CultureInfo.InvariantCulture);

    // FNV-1a over UTF-8: the same in every process and on every machine.
    private static int Bucket(string key, int buckets)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(key)) hash = (hash ^ b) * 16777619u;
        return (int)(hash % (uint)buckets);
    }

    private static JsonElement? Cell(TableColumn column, int row) => column.IsMissing(row) ? null : column switch
    {
        IntegerColumn c => JsonSerializer.SerializeToElement(c.Values[row]),
        NumberColumn c => JsonSerializer.SerializeToElement(c.Values[row]),
        BooleanColumn c => JsonSerializer.SerializeToElement(c.Values[row]),
        TimestampColumn c => JsonSerializer.SerializeToElement(c.Ticks[row]),
        StringColumn c => JsonSerializer.SerializeToElement(c[row]),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.GetType().Name, "a column type without values"),
    };
}

/// <summary>Which generation of an online table is read.</summary>
public sealed record OnlineHead
{
    public const int Known = 1;

    public int SchemaVersion { get; init; } = Known;

    public required string Source { get; init; }

    /// <summary>The run that wrote it.</summary>
    public required string Generation { get; init; }

    public string? Previous { get; init; }

    /// <summary>The generation before the previous one: no longer read, and taken out.</summary>
    public string? Gone { get; init; }

    /// <summary>The time as of which the values are.</summary>
    public required DateTimeOffset At { get; init; }

    public required int DatasetVersion { get; init; }

    public required int Keys { get; init; }

    public required int Buckets { get; init; }

    /// <summary>Names of the features, in the order of the values.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    public TimeSpan? Ttl { get; init; }

    /// <summary>Hash of what the values mean (<see cref="OnlineSources.DefinitionOf"/>); null in tables of before it was kept.</summary>
    public string? Definition { get; init; }

    /// <summary>The newest feature time of all keys; null without keys.</summary>
    public DateTimeOffset? Newest { get; init; }
}

/// <param name="Time">Feature time, .NET ticks, UTC.</param>
/// <param name="Values">In the order of <see cref="OnlineHead.Features"/>; null = empty. Timestamps as ticks.</param>
public sealed record OnlineValue(long Time, IReadOnlyList<JsonElement?> Values);
