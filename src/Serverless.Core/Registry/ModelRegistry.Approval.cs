using System.Globalization;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Registry;

/// <summary>
/// Who decides about versions, and the audit. A decision is one compare-and-swap of the version's record, which holds its entry of the audit too: of two people one decides, and a
/// process that dies afterwards loses nothing.
/// </summary>
internal sealed partial class ModelRegistry
{
    public Task<AuditEntry> PromoteAsync(string model, int version, string by, string comment, CancellationToken cancel = default) => PromoteAsync(model, version, by, comment, null, cancel);

    public Task<AuditEntry> ApproveAsync(string model, int version, string by, string comment, CancellationToken cancel = default) => ApproveAsync(model, version, by, comment, null, cancel);

    public Task<AuditEntry> RollBackAsync(string model, string by, string comment, CancellationToken cancel = default) => RollBackAsync(model, by, comment, null, cancel);

    public async Task<AuditEntry> PromoteAsync(string model, int version, string by, string comment, ExpectedChampion? expected, CancellationToken cancel = default)
    {
        var (found, record, row) = await RequireAsync(model, version, cancel);
        if (await ExpiredAsync(found, record, row, cancel) is { } late) found = late;
        var name = $"version {version} of model '{model}'";
        switch (found.Status)
        {
            case VersionStatus.Rejected: throw new RefusedException($"{name} was rejected and cannot be promoted");
            case VersionStatus.Expired: throw new RefusedException($"{name} {Expired(found)} and cannot be promoted; train again");
            case VersionStatus.AwaitingApproval: throw new RefusedException($"{name} waits for approval; approve it instead");
        }

        await TrustAsync(found, cancel);
        return await aliases.MoveAsync(model, Alias.Champion, version, "promoted", by, comment, cancel, expected);
    }

    public async Task<AuditEntry> ApproveAsync(string model, int version, string by, string comment, ExpectedChampion? expected, CancellationToken cancel = default)
    {
        RequireComment("approve", model, version, comment);
        var (found, record, row) = await RequireAsync(model, version, cancel);
        if (await UnfinishedAsync(found, record, by, cancel) is { } before)
        {
            if (!await ReleasedAsync(found, by, before.Comment, cancel)) await aliases.MoveAsync(model, Alias.Champion, version, "promoted", by, before.Comment, cancel, expected);
            return before;
        }

        await RequireWaitingAsync(found, record, row, cancel);
        if (found.Approval is { SecondPerson: true, AskedBy: { } asker } && asker == by)
        {
            throw new RefusedException($"version {version} of model '{model}' has to be approved by somebody else than {asker}, who asked for its training (secondPerson: true)");
        }

        await TrustAsync(found, cancel);
        var champion = await aliases.VersionAsync(model, Alias.Champion, cancel);
        if (expected is { } seen) seen.Require(model, Alias.Champion, champion, await aliases.CurrentMoveAsync(model, Alias.Champion, cancel));
        var entry = new AuditEntry(model, "approved", version, champion, by, comment, time.GetUtcNow());
        await DecideAsync(found, record, row, VersionStatus.Registered, entry, cancel);
        try
        {
            // What the entry says was replaced, is replaced: nobody who came in between is overridden unseen.
            if (!await ReleasedAsync(found, by, comment, cancel)) await aliases.MoveAsync(model, Alias.Champion, version, "promoted", by, comment, cancel, new ExpectedChampion(champion));
        }
        catch (RefusedException e)
        {
            throw new RefusedException($"version {version} of model '{model}' is approved, but did not become champion: {e.Message}. To make it champion: serverless-ml models promote {model} {version}", e);
        }

        if (signals is not null) await signals.DecidedAsync(entry);
        return entry;
    }

    // The first champion of a model has nobody to be compared with.
    private async Task<bool> ReleasedAsync(ModelVersion version, string by, string comment, CancellationToken cancel) =>
        release is not null && await aliases.VersionAsync(version.Model, Alias.Champion, cancel) is not null && await release.BeginAsync(version, by, comment, cancel);

    public async Task<AuditEntry> RejectAsync(string model, int version, string by, string comment, CancellationToken cancel = default)
    {
        RequireComment("reject", model, version, comment);
        var (found, record, row) = await RequireAsync(model, version, cancel);
        await RequireWaitingAsync(found, record, row, cancel);
        var entry = new AuditEntry(model, "rejected", version, null, by, comment, time.GetUtcNow());
        await DecideAsync(found, record, row, VersionStatus.Rejected, entry, cancel);
        if (signals is not null) await signals.DecidedAsync(entry);
        return entry;
    }

    public async Task<AuditEntry?> ExpireAsync(string model, int version, CancellationToken cancel = default)
    {
        var (found, record, row) = await RequireAsync(model, version, cancel);
        return await ExpiredAsync(found, record, row, cancel) is null ? null : Expiry(found);
    }

    public async Task<AuditEntry> RollBackAsync(string model, string by, string comment, ExpectedChampion? expected, CancellationToken cancel = default)
    {
        if (await aliases.BeforeAsync(model, Alias.Champion, cancel) is { } before) await TrustAsync((await RequireAsync(model, before, cancel)).Version, cancel);
        return await aliases.MoveBackAsync(model, Alias.Champion, by, comment, cancel, expected);
    }

    public async Task<IReadOnlyList<AuditEntry>> AuditAsync(string model, CancellationToken cancel = default)
    {
        var owed = new List<OwedEntry>();
        await foreach (var row in records.QueryAsync(Table, model, cancel: cancel))
        {
            // What an unreadable record owes, whoever wrote it copies.
            if (Readable(row) is { } record) owed.AddRange(Owed(record));
        }

        foreach (var source in sources ?? []) owed.AddRange(await source.OwedAsync(model, cancel));
        return await aliases.AuditAsync(model, owed, cancel);
    }

    private static VersionRecord? Readable(StoredRecord row)
    {
        try
        {
            return Read(row);
        }
        catch (EnvironmentException)
        {
            return null;
        }
    }

    private static IReadOnlyList<AuditEntry> Beginning(ModelVersion version)
    {
        var registered = new AuditEntry(version.Model, "registered", version.Version, null, $"run:{version.Run}", "", version.CreatedAt) { Run = version.Run };
        if (version.Approval is not { } approval) return [registered];
        var until = approval.ExpiresAt is { } end ? $"until {Time(end)}" : "";
        return [registered, registered with { Action = "awaiting-approval", Comment = until }];
    }

    private static IEnumerable<OwedEntry> Owed(VersionRecord record) =>
        record.History.Select((entry, i) => new OwedEntry(entry, string.Create(CultureInfo.InvariantCulture, $"{record.Number:D10}-{i:D2}-{entry.Action}")));

    private async Task CopyAsync(VersionRecord record, CancellationToken cancel)
    {
        foreach (var (entry, key) in Owed(record)) await aliases.RecordAsync(entry, key, cancel);
    }

    private static void RequireComment(string verb, string model, int version, string comment)
    {
        if (string.IsNullOrWhiteSpace(comment)) throw new RequestException($"to {verb} version {version} of model '{model}' needs a comment: why? (--comment \"...\")");
    }

    /// <summary>An approval of the same person after which the champion was never moved: the process died before it could.</summary>
    private async Task<AuditEntry?> UnfinishedAsync(ModelVersion version, VersionRecord record, string by, CancellationToken cancel)
    {
        if (version.Status != VersionStatus.Registered || record.History.LastOrDefault() is not { Action: "approved" } approved || approved.By != by) return null;
        return await aliases.CurrentMoveAsync(version.Model, Alias.Champion, cancel) is { } move && move.At >= approved.At ? null : approved;
    }

    private async Task RequireWaitingAsync(ModelVersion version, VersionRecord record, StoredRecord row, CancellationToken cancel)
    {
        if (await ExpiredAsync(version, record, row, cancel) is { } late) version = late;
        if (version.Status == VersionStatus.AwaitingApproval) return;
        var name = $"version {version.Version} of model '{version.Model}'";
        throw new RefusedException(version switch
        {
            { Status: VersionStatus.Expired } => $"{name} {Expired(version)} and cannot be approved or rejected any more; train again",
            { Approval: { DecidedBy: { } who, DecidedAt: { } at } approval } =>
                $"{name} was decided already: {(version.Status == VersionStatus.Rejected ? "rejected" : "approved")} by {who} at {Time(at)} (\"{approval.Comment}\")",
            _ => $"{name} does not wait for approval: it is {(version.Status == VersionStatus.Rejected ? "rejected" : "registered")}",
        });
    }

    // Time needs nobody to tell: whoever looks first at a version whose time is over writes it down.
    private async Task<ModelVersion?> ExpiredAsync(ModelVersion version, VersionRecord record, StoredRecord row, CancellationToken cancel)
    {
        if (version is not { Status: VersionStatus.AwaitingApproval, Approval.ExpiresAt: { } end } || time.GetUtcNow() < end) return null;
        await ChangeAsync(version with { Status = VersionStatus.Expired }, record, row, Expiry(version), cancel);
        return version with { Status = VersionStatus.Expired };
    }

    private static AuditEntry Expiry(ModelVersion version) => new(version.Model, "expired", version.Version, null, "time", $"nobody approved it in time (asked {Time(version.Approval!.AskedAt)})", version.Approval.ExpiresAt!.Value);

    private static string Expired(ModelVersion version) => $"expired at {Time(version.Approval!.ExpiresAt!.Value)}, because nobody approved it in time,";

    private Task DecideAsync(ModelVersion version, VersionRecord record, StoredRecord row, VersionStatus status, AuditEntry entry, CancellationToken cancel)
    {
        var approval = (version.Approval ?? new ApprovalState { AskedAt = version.CreatedAt }) with { DecidedBy = entry.By, DecidedAt = entry.At, Comment = entry.Comment };
        return ChangeAsync(version with { Status = status, Approval = approval }, record, row, entry, cancel);
    }

    private async Task ChangeAsync(ModelVersion version, VersionRecord record, StoredRecord row, AuditEntry entry, CancellationToken cancel)
    {
        var changed = record with { Version = version, History = [.. record.History, entry] };
        if (await records.ReplaceAsync(Table, version.Model, row.Row, Write(changed), row.ETag, cancel) is null)
        {
            throw new RefusedException($"somebody else changed version {version.Version} of model '{version.Model}' meanwhile; look at it and try again");
        }

        await CopyAsync(changed, cancel);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
