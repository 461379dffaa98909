using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Runs;

/// <summary>A run and the ETag by which it can be replaced.</summary>
internal sealed record StoredRun(RunRecord Record, string ETag);

/// <summary>Runs in the record store: table <c>runs</c>, partition = kind, row = id.</summary>
internal sealed class RunRecords(IRecordStore records)
{
    private const string Table = StoreNames.Tables.Runs;
    private const int KnownSchema = 1;

    /// <summary>The run, or null when there is none of that id.</summary>
    public async Task<StoredRun?> FindAsync(string id, CancellationToken cancel)
    {
        if (RunIds.KindOf(id) is not { } kind) return null;
        return await records.GetAsync(Table, kind, id, cancel).ConfigureAwait(false) is { } stored ? Read(stored) : null;
    }

    /// <summary>False when a run of that id exists.</summary>
    public async Task<bool> InsertAsync(RunRecord run, CancellationToken cancel) =>
        await records.InsertAsync(Table, run.Kind, run.Id, Write(run), cancel).ConfigureAwait(false) is not null;

    /// <summary>The run as replaced, or null when somebody else replaced it before.</summary>
    public async Task<StoredRun?> ReplaceAsync(StoredRun before, RunRecord after, CancellationToken cancel) =>
        await records.ReplaceAsync(Table, after.Kind, after.Id, Write(after), before.ETag, cancel).ConfigureAwait(false) is { } etag ? new StoredRun(after, etag) : null;

    public IAsyncEnumerable<string> KindsAsync(CancellationToken cancel) => records.PartitionsAsync(Table, cancel);

    /// <summary>Runs of a kind, oldest first.</summary>
    public async IAsyncEnumerable<StoredRun> OfKindAsync(string kind, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var stored in records.QueryAsync(Table, kind, after, cancel: cancel).ConfigureAwait(false)) yield return Read(stored);
    }

    /// <summary>Runs of a kind whose ids begin so, oldest first.</summary>
    public async IAsyncEnumerable<StoredRun> WithPrefixAsync(string kind, string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var stored in records.QueryAsync(Table, kind, prefix: prefix, cancel: cancel).ConfigureAwait(false)) yield return Read(stored);
    }

    private static string Write(RunRecord run) => JsonSerializer.Serialize(run, ServerlessJson.Options);

    private static StoredRun Read(StoredRecord stored)
    {
        try
        {
            using var document = JsonDocument.Parse(stored.Json);
            if (document.RootElement.TryGetProperty("schemaVersion", out var version) && version.TryGetInt32(out var number) && number > KnownSchema)
            {
                throw new UnknownRunException(stored.Row, $"run '{stored.Row}' was written by a newer version (schemaVersion {number}; this one reads up to {KnownSchema}). Update this installation.");
            }

            var run = document.Deserialize<RunRecord>(ServerlessJson.Options) ?? throw new JsonException("it is null");
            return new StoredRun(run, stored.ETag);
        }
        catch (JsonException e)
        {
            throw new EnvironmentException($"the record of run '{stored.Row}' is damaged: {e.Message}", e);
        }
    }
}
