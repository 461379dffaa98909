using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Scheduling;

/// <summary>
/// How other parts of the product ask for a training of a model by itself, such as feedback that shows the champion to be worse than it was. Asking is durable and does not train: the
/// scheduler decides at its next look, with cooldown, holds and one training at a time as for every cause, and records its yes or no.
/// </summary>
public interface IRetrainRequests
{
    /// <summary>Of several requests about a model that wait, the newest counts; one that is not newer than what was asked before changes nothing, so asking may be repeated.</summary>
    Task AskAsync(RetrainRequest request, CancellationToken cancel = default);
}

/// <summary>A model should be trained again, because of something that was found at a time.</summary>
public sealed record RetrainRequest
{
    public int SchemaVersion { get; init; } = 1;

    public required string Model { get; init; }

    public required DecisionCause Cause { get; init; }

    /// <summary>When it was found. A training that began later has dealt with it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What found it, as an id: of any number of processes that ask for the same, one training comes.</summary>
    public required string Key { get; init; }

    /// <summary>In words, for the decision and the run.</summary>
    public required string Reason { get; init; }
}

/// <summary>The newest request of each model, in the table of decisions.</summary>
internal sealed class RetrainRequests(IRecordStore records) : IRetrainRequests
{
    // No model can have this name.
    private const string Partition = "_requests";
    private const int KnownSchema = 1;

    public async Task AskAsync(RetrainRequest request, CancellationToken cancel = default)
    {
        var json = JsonSerializer.Serialize(request, ServerlessJson.Options);
        while (true)
        {
            var stored = await records.GetAsync(StoreNames.Tables.Decisions, Partition, request.Model, cancel);
            if (stored is not null && Read(stored).At >= request.At) return;
            var etag = stored is null ? await records.InsertAsync(StoreNames.Tables.Decisions, Partition, request.Model, json, cancel)
                : await records.ReplaceAsync(StoreNames.Tables.Decisions, Partition, request.Model, json, stored.ETag, cancel);
            if (etag is not null) return;
        }
    }

    /// <summary>The newest request of each model that has one.</summary>
    public async Task<IReadOnlyDictionary<string, RetrainRequest>> AllAsync(CancellationToken cancel)
    {
        var found = new Dictionary<string, RetrainRequest>(StringComparer.Ordinal);
        await foreach (var stored in records.QueryAsync(StoreNames.Tables.Decisions, Partition, cancel: cancel)) found[stored.Row] = Read(stored);
        return found;
    }

    private static RetrainRequest Read(StoredRecord stored)
    {
        var request = JsonSerializer.Deserialize<RetrainRequest>(stored.Json, ServerlessJson.Options)!;
        return request.SchemaVersion <= KnownSchema ? request
            : throw new EnvironmentException($"the request to train model '{stored.Row}' was written by a newer version (schemaVersion {request.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation.");
    }
}
