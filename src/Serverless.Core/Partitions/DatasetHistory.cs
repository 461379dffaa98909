using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Partitions;

/// <summary>
/// The history of each dataset as a log of commits in the object store. A commit never changes, so what was read once is kept; reading on costs one look for the
/// next version.
/// </summary>
internal sealed class DatasetHistory(IObjectStore objects) : IDatasetHistory
{
    // 2: commits that erase. 3: with verdicts on whole periods.
    private const int KnownSchema = 3;

    private readonly ConcurrentDictionary<string, Log> logs = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<Commit>> CommitsAsync(string dataset, CancellationToken cancel = default)
    {
        var log = logs.GetOrAdd(dataset, _ => new Log());
        await log.Gate.WaitAsync(cancel);
        try
        {
            while (await ReadAsync(dataset, log.Commits.Count + 1, cancel) is { } commit) log.Commits = [.. log.Commits, commit];
            return log.Commits;
        }
        finally
        {
            log.Gate.Release();
        }
    }

    public async Task<IReadOnlyList<PartitionRecord>> PartitionsAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default)
    {
        var commits = await CommitsAsync(dataset, cancel);
        return Current(Visible(dataset, commits, asOf), commits);
    }

    public async Task<IReadOnlyList<PartitionRecord>> WrittenAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default)
    {
        var commits = await CommitsAsync(dataset, cancel);
        return Ordered(Written(Visible(dataset, commits, asOf), commits).Select(p => p.Now));
    }

    public async Task<Commit?> AppendAsync(string dataset, Func<IReadOnlyList<Commit>, int, Commit?> build, CancellationToken cancel = default)
    {
        while (true)
        {
            var commits = await CommitsAsync(dataset, cancel);
            var version = commits.Count + 1;
            if (build(commits, version) is not { } commit) return null;
            using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(commit, ServerlessJson.Options));
            if (await objects.PutIfAbsentAsync(PathOf(dataset, version), content, cancel) is not null) return commit;
        }
    }

    /// <summary>Partitions that nothing later replaced, ordered by key, then by the version that wrote them.</summary>
    internal static IReadOnlyList<PartitionRecord> Current(IReadOnlyList<Commit> commits) => Current(commits, commits);

    /// <param name="visible">The history up to the point that is asked for.</param>
    /// <param name="all">The whole history: what was erased later is erased in the past too.</param>
    internal static IReadOnlyList<PartitionRecord> Current(IReadOnlyList<Commit> visible, IReadOnlyList<Commit> all)
    {
        var superseded = visible.SelectMany(c => c.Partitions).SelectMany(p => p.Supersedes).ToHashSet(StringComparer.Ordinal);
        return Judged(Ordered(Written(visible, all).Where(p => !p.Ids.Any(superseded.Contains)).Select(p => p.Now)), visible, all);
    }

    /// <summary>Every partition of some commits as it is now, superseded ones included; those that erasure left no row of are not there.</summary>
    /// <returns>With the ids that it had, the present one included: a correction names the one of its day.</returns>
    internal static IEnumerable<(IReadOnlyList<string> Ids, PartitionRecord Now)> Written(IReadOnlyList<Commit> visible, IReadOnlyList<Commit> all)
    {
        var erased = all.SelectMany(c => c.Erasures.Select(e => (e.Erased, e.Replacement, Commit: c))).ToDictionary(e => e.Erased, e => (e.Replacement, e.Commit), StringComparer.Ordinal);
        foreach (var commit in visible)
        {
            foreach (var entry in commit.Partitions)
            {
                var now = new PartitionRecord(entry, commit);
                var ids = new List<string> { entry.Id };
                var there = true;
                while (erased.TryGetValue(now.Id, out var rewritten))
                {
                    there = rewritten.Replacement is not null;
                    if (!there) break;
                    now = new PartitionRecord(rewritten.Replacement!, commit) { RewrittenBy = rewritten.Commit };
                    ids.Add(now.Id);
                }

                if (there) yield return (ids, now);
            }
        }
    }

    // What was said of a period as a whole counts for all its partitions: where a verdict names exactly them, that; else what the newest that was judged with others says, up to it.
    private static IReadOnlyList<PartitionRecord> Judged(IReadOnlyList<PartitionRecord> partitions, IReadOnlyList<Commit> visible, IReadOnlyList<Commit> all)
    {
        var upTo = visible.Count == 0 ? 0 : visible[^1].Version;
        var verdicts = all.Where(c => c.Verdicts.Count > 0 && (c.Version <= upTo || c.Erasures.Count > 0)).SelectMany(c => c.Verdicts).ToLookup(v => v.Key, StringComparer.Ordinal);
        if (verdicts.Count == 0 && !partitions.Any(p => p.Entry.Together)) return partitions;
        return [.. partitions.GroupBy(p => p.Key, StringComparer.Ordinal).SelectMany(period => Judged([.. period], verdicts[period.Key]))];
    }

    private static IEnumerable<PartitionRecord> Judged(PartitionRecord[] period, IEnumerable<PeriodVerdict> verdicts)
    {
        var ids = period.Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        if (verdicts.LastOrDefault(v => v.SpeaksOf(ids)) is { } verdict) return period.Select(p => p with { Entry = p.Entry with { Failed = verdict.Failed }, Verdict = verdict });
        if (period.LastOrDefault(p => p.Entry.Together) is not { } last) return period;
        return period.Select(p => p.Commit.Version <= last.Commit.Version ? p with { Entry = p.Entry with { Failed = last.Entry.Failed }, JudgedWith = last.Entry } : p);
    }

    private static IReadOnlyList<PartitionRecord> Ordered(IEnumerable<PartitionRecord> partitions) =>
        [.. partitions.OrderBy(p => p.Key, StringComparer.Ordinal).ThenBy(p => p.Commit.Version)];

    private static IReadOnlyList<Commit> Visible(string dataset, IReadOnlyList<Commit> commits, AsOf? asOf)
    {
        if (asOf?.Version is { } version && (version < 1 || version > commits.Count))
        {
            throw new RequestException($"dataset '{dataset}' has no version {version}; "
                + (commits.Count == 0 ? "nothing was stored yet." : $"it has 1 to {commits.Count}."));
        }

        return [.. commits.Where(c => (asOf?.Version is not { } v || c.Version <= v) && (asOf?.Time is not { } t || c.WrittenAt <= t))];
    }

    private async Task<Commit?> ReadAsync(string dataset, int version, CancellationToken cancel)
    {
        var path = PathOf(dataset, version);
        await using var stream = await objects.OpenReadAsync(path, cancel);
        if (stream is null) return null;
        try
        {
            using var document = await JsonDocument.ParseAsync(stream, default, cancel);
            if (document.RootElement.TryGetProperty("schemaVersion", out var schema) && schema.GetInt32() > KnownSchema)
            {
                throw new EnvironmentException($"'{path}' was written by a newer version of the program (schema {schema.GetInt32()}, this one knows {KnownSchema}). Update it.");
            }

            return document.Deserialize<Commit>(ServerlessJson.Options);
        }
        catch (JsonException e)
        {
            throw new EnvironmentException($"'{path}' is not a commit of a history: {e.Message} Restore it from a copy of the store.", e);
        }
    }

    private static string PathOf(string dataset, int version) =>
        $"{StoreNames.Containers.Data}/{dataset}/_history/{version.ToString("D10", CultureInfo.InvariantCulture)}.json";

    private sealed class Log
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public IReadOnlyList<Commit> Commits { get; set; } = [];
    }
}
