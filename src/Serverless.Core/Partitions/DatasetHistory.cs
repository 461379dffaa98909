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
    private const int KnownSchema = 1;

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
        if (asOf?.Version is { } version && (version < 1 || version > commits.Count))
        {
            throw new RequestException($"dataset '{dataset}' has no version {version}; "
                + (commits.Count == 0 ? "nothing was stored yet." : $"it has 1 to {commits.Count}."));
        }

        return Current([.. commits.Where(c => (asOf?.Version is not { } v || c.Version <= v) && (asOf?.Time is not { } t || c.WrittenAt <= t))]);
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
    internal static IReadOnlyList<PartitionRecord> Current(IReadOnlyList<Commit> commits)
    {
        var superseded = commits.SelectMany(c => c.Partitions).SelectMany(p => p.Supersedes).ToHashSet(StringComparer.Ordinal);
        return [.. commits.SelectMany(c => c.Partitions.Where(p => !superseded.Contains(p.Id)).Select(p => new PartitionRecord(p, c)))
            .OrderBy(p => p.Key, StringComparer.Ordinal).ThenBy(p => p.Commit.Version)];
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
