using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Rollouts;

/// <summary>A rollout and the ETag by which it can be replaced.</summary>
internal sealed record StoredRollout(RolloutRecord Record, string ETag);

/// <summary>Rollouts in table <c>rollouts</c>: partition = model, row = number. A number is taken by inserting it, so of two that begin at once one does.</summary>
internal sealed class RolloutRecords(IRecordStore records)
{
    private const string Table = StoreNames.Tables.Rollouts;
    private const int KnownSchema = 1;

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<StoredRollout>> AllAsync(string model, CancellationToken cancel)
    {
        var all = new List<StoredRollout>();
        await foreach (var row in records.QueryAsync(Table, model, cancel: cancel)) all.Add(Read(row));
        return all;
    }

    /// <summary>The newest of a model; null when it never had one.</summary>
    public async Task<StoredRollout?> LastAsync(string model, CancellationToken cancel) => (await AllAsync(model, cancel)) is [.., var last] ? last : null;

    public async Task<IReadOnlyList<string>> ModelsAsync(CancellationToken cancel)
    {
        var models = new List<string>();
        await foreach (var model in records.PartitionsAsync(Table, cancel)) models.Add(model);
        return models;
    }

    /// <summary>Null when the number is taken.</summary>
    public async Task<StoredRollout?> InsertAsync(RolloutRecord rollout, CancellationToken cancel) =>
        await records.InsertAsync(Table, rollout.Model, Row(rollout.Number), Write(rollout), cancel) is { } etag ? new StoredRollout(rollout, etag) : null;

    /// <summary>Null when somebody else changed it before.</summary>
    public async Task<StoredRollout?> ReplaceAsync(StoredRollout before, RolloutRecord after, CancellationToken cancel) =>
        await records.ReplaceAsync(Table, after.Model, Row(after.Number), Write(after), before.ETag, cancel) is { } etag ? new StoredRollout(after, etag) : null;

    private static string Row(int number) => number.ToString("D10", CultureInfo.InvariantCulture);

    private static string Write(RolloutRecord rollout) => JsonSerializer.Serialize(rollout, ServerlessJson.Options);

    private static StoredRollout Read(StoredRecord row)
    {
        var what = $"rollout {row.Row.TrimStart('0')} of model '{row.Partition}'";
        try
        {
            using var document = JsonDocument.Parse(row.Json);
            var version = document.RootElement.GetProperty("schemaVersion").GetInt32();
            if (version > KnownSchema) throw new EnvironmentException($"{what} has schemaVersion {version}; this program knows up to {KnownSchema}: the store was written by a newer version, update this one");
            return new StoredRollout(document.RootElement.Deserialize<RolloutRecord>(ServerlessJson.Options)!, row.ETag);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new EnvironmentException($"{what} is damaged in the store: {e.Message}", e);
        }
    }
}
