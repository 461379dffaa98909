using System.Text.Json;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Storage;

namespace Serverless.Gating;

/// <summary>A model that trains no more by itself until a person says so.</summary>
public sealed record TrainingHold
{
    public int SchemaVersion { get; init; } = 1;

    public required string Model { get; init; }

    /// <summary>False: a person has resumed it.</summary>
    public required bool Held { get; init; }

    /// <summary>What happened last: stopped or resumed, by whom, why, when.</summary>
    public required AuditEntry Last { get; init; }

    /// <summary>How often it was stopped and resumed.</summary>
    public required int Changes { get; init; }
}

/// <summary>Which models were stopped by their gate.</summary>
public interface ITrainingHolds
{
    /// <summary>The hold of a model; null when it trains.</summary>
    Task<TrainingHold?> FindAsync(string model, CancellationToken cancel = default);

    /// <summary>Stops a model; the same run again changes nothing.</summary>
    Task StopAsync(string model, string run, string reason, DateTimeOffset at, CancellationToken cancel = default);

    /// <summary>Lets a model train by itself again. Throws <see cref="RefusedException"/> when it is not stopped, <see cref="RequestException"/> without a comment.</summary>
    Task<AuditEntry> ResumeAsync(string model, string by, string comment, CancellationToken cancel = default);
}

/// <summary>Holds in the table of decisions, each with its entry of the audit in the same record, so that a process that dies loses neither.</summary>
internal sealed class TrainingHolds(IRecordStore records, AliasMoves audit, TimeProvider time) : ITrainingHolds, IAuditSource
{
    // No model can have this name.
    private const string Partition = "_stopped";
    private const int KnownSchema = 1;

    public async Task<TrainingHold?> FindAsync(string model, CancellationToken cancel = default) => (await ReadAsync(model, cancel)).Hold is { Held: true } hold ? hold : null;

    public async Task StopAsync(string model, string run, string reason, DateTimeOffset at, CancellationToken cancel = default)
    {
        var (hold, etag) = await ReadAsync(model, cancel);
        if (hold is not null && (hold.Held || hold.Last.At > at || hold.Last.Run == run)) return;
        await ChangeAsync(model, hold, etag, held: true, new AuditEntry(model, "stopped", null, null, "gate", reason, at) { Run = run }, cancel);
    }

    public async Task<AuditEntry> ResumeAsync(string model, string by, string comment, CancellationToken cancel = default)
    {
        if (string.IsNullOrWhiteSpace(comment)) throw new RequestException($"to resume the training of '{model}' needs a comment: why? (--comment \"...\")");
        var (hold, etag) = await ReadAsync(model, cancel);
        if (hold is not { Held: true }) throw new RefusedException($"model '{model}' is not stopped{(hold is { Last: var last } ? $": {last.By} resumed it at {last.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")}");
        var entry = new AuditEntry(model, "resumed", null, null, by, comment, time.GetUtcNow()) { Run = hold.Last.Run };
        return await ChangeAsync(model, hold, etag, held: false, entry, cancel) ? entry
            : throw new RefusedException($"somebody else resumed or stopped model '{model}' meanwhile; look at it and try again");
    }

    public async Task<IReadOnlyList<OwedEntry>> OwedAsync(string model, CancellationToken cancel) =>
        (await ReadAsync(model, cancel)).Hold is { } hold ? [new OwedEntry(hold.Last, Key(hold))] : [];

    private async Task<bool> ChangeAsync(string model, TrainingHold? before, string? etag, bool held, AuditEntry entry, CancellationToken cancel)
    {
        if (before is not null) await audit.RecordAsync(before.Last, Key(before), cancel);
        var hold = new TrainingHold { Model = model, Held = held, Last = entry, Changes = (before?.Changes ?? 0) + 1 };
        var json = JsonSerializer.Serialize(hold, ServerlessJson.Options);
        var done = etag is null ? await records.InsertAsync(StoreNames.Tables.Decisions, Partition, model, json, cancel) : await records.ReplaceAsync(StoreNames.Tables.Decisions, Partition, model, json, etag, cancel);
        if (done is null) return false;
        await audit.RecordAsync(entry, Key(hold), cancel);
        return true;
    }

    private async Task<(TrainingHold? Hold, string? ETag)> ReadAsync(string model, CancellationToken cancel)
    {
        if (await records.GetAsync(StoreNames.Tables.Decisions, Partition, model, cancel) is not { } row) return (null, null);
        var hold = JsonSerializer.Deserialize<TrainingHold>(row.Json, ServerlessJson.Options)!;
        return hold.SchemaVersion <= KnownSchema ? (hold, row.ETag)
            : throw new EnvironmentException($"the record of whether model '{model}' is stopped has schemaVersion {hold.SchemaVersion}; this program knows up to {KnownSchema}: update it");
    }

    private static string Key(TrainingHold hold) => $"hold-{hold.Changes:D6}-{hold.Last.Action}";
}
