using System.Globalization;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Workspaces;

namespace Serverless.Rollouts;

/// <inheritdoc cref="IRollouts"/>
internal sealed partial class Rollouts(
    Workspace workspace, RolloutRecords records, RolloutFlags flags, IFlagStore store, PolicyCatalogue policies, RolloutGuards guards, CounterRecords counts, IOutcomes outcomes,
    IModelRegistry registry, AliasMoves audit, RolloutSignals signals, TimeProvider time, Microsoft.Extensions.Logging.ILogger<Rollouts>? log = null) : IRollouts
{
    private readonly Microsoft.Extensions.Logging.ILogger logger = log ?? (Microsoft.Extensions.Logging.ILogger)Microsoft.Extensions.Logging.Abstractions.NullLogger<Rollouts>.Instance;

    public async Task<RolloutRecord> StartAsync(RolloutRequest request, CancellationToken cancel = default)
    {
        var (model, version) = (request.Model, request.Version);
        var terms = request.Terms ?? (workspace.Models.TryGetValue(model, out var definition) ? definition.Rollout : new RolloutDefinition());
        if (workspace.Models.GetValueOrDefault(model) is { Segments: not null } or { Segment: not null }) throw new RefusedException($"model '{model}' has segments: a rollout is between two versions, and it has one for each segment. Promote instead (`serverless-ml models promote {model} {version}`)");
        if (terms.Kind == RolloutKind.None) throw new RefusedException($"model '{model}' has no rollout in its file ('rollout: none'); state one there, or name a kind");
        var all = await records.AllAsync(model, cancel);
        if (request.Run is not null && all.FirstOrDefault(r => r.Record.Run == request.Run) is { } mine)
        {
            await PublishAsync(mine.Record, cancel);
            return mine.Record;
        }

        if (all is [.., { Record: { Active: true } running }]) throw new RefusedException($"rollout '{running.Id}' of version {running.Challenger} is under way ({RolloutTransitionException.Word(running.State)}); promote or abort it first");
        var champion = await registry.AliasAsync(model, Alias.Champion, cancel)
            ?? throw new RefusedException($"model '{model}' has no champion to roll out against; promote version {version} instead (`serverless-ml models promote {model} {version}`)");
        var variants = policies[terms.Kind].Begin(terms, champion, version);
        if (variants.All(v => v.Version == champion)) throw new RefusedException($"version {version} of model '{model}' is champion already");
        foreach (var asked in variants.Select(v => v.Version).Append(version).Where(v => v != champion).Distinct()) await RequireServableAsync(model, asked, cancel);
        await RequireFreePartAsync(model, terms, cancel);
        var now = time.GetUtcNow();
        var number = (all is [.., var last] ? last.Record.Number : 0) + 1;
        var id = $"{model}-r{number.ToString(CultureInfo.InvariantCulture)}";
        var reason = $"{terms.Kind.ToString().ToLowerInvariant()} {Shares(variants)}";
        var rollout = new RolloutRecord
        {
            Id = id, Model = model, Number = number, Kind = terms.Kind, State = RolloutState.Running, Champion = champion,
            Challenger = variants.FirstOrDefault(v => v.Version != champion)?.Version ?? version, Variants = variants, Terms = terms, StartedAt = now, StepAt = now, Revision = 1, Run = request.Run,
            Reason = reason, History = [Entry(model, version, champion, "rollout-started", request.By, Join(reason, request.Comment), now) with { Run = request.Run }],
        };
        var stored = await records.InsertAsync(rollout, cancel) ?? throw new RefusedException($"somebody else began a rollout of model '{model}' meanwhile; look at it and try again");
        await AnnounceAsync(stored.Record, cancel);
        return stored.Record;
    }

    public async Task<RolloutRecord> MoveAsync(string model, RolloutVerb verb, string by, string comment, CancellationToken cancel = default)
    {
        var found = await records.LastAsync(model, cancel);
        if (found is not { Record: { Active: true } rollout }) throw new RefusedException($"model '{model}' has no rollout under way{(found is null ? "" : $"; the last, '{found.Record.Id}', is {RolloutTransitionException.Word(found.Record.State)}")}");
        var name = verb.ToString().ToLowerInvariant();
        if (string.IsNullOrWhiteSpace(comment)) throw new RequestException($"to {name} the rollout of '{model}' needs a comment: why? (--comment \"...\")");
        return verb switch
        {
            RolloutVerb.Pause => await ChangeAsync(found, RolloutState.Paused, "paused", by, comment, cancel),
            RolloutVerb.Resume when rollout.State == RolloutState.Running => throw new RolloutTransitionException(rollout, RolloutState.Running, "resumed"),
            // A step begins anew: what was not looked at while it was paused is no evidence that all is well.
            RolloutVerb.Resume => await ChangeAsync(found, RolloutState.Running, "resumed", by, comment, cancel, r => r with { StepAt = Later(r.StepAt) }),
            RolloutVerb.Abort => await ChangeAsync(found, RolloutState.Aborted, "aborted", by, comment, cancel),
            _ => await PromoteAsync(found, rollout.Challenger, by, comment, cancel),
        };
    }

    public async Task<RolloutRecord?> ActiveAsync(string model, CancellationToken cancel = default) => (await records.LastAsync(model, cancel))?.Record is { Active: true } rollout ? rollout : null;

    public async Task<IReadOnlyList<RolloutRecord>> ListAsync(string model, CancellationToken cancel = default) => [.. (await records.AllAsync(model, cancel)).Select(r => r.Record)];

    /// <summary>The alias moves between two changes of the record: whoever finds it in between goes on from there.</summary>
    private async Task<RolloutRecord> PromoteAsync(StoredRollout found, int version, string by, string comment, CancellationToken cancel)
    {
        var stored = found;
        if (found.Record.State != RolloutState.Promoting)
        {
            stored = await SwapAsync(found, RolloutState.Promoting, "promoting", by, comment, cancel, r => r with { Challenger = version });
            await AnnounceAsync(stored.Record, cancel);
        }

        var champion = await registry.AliasAsync(stored.Record.Model, Alias.Champion, cancel);
        if (champion != version && champion != stored.Record.Champion) return await ChangeAsync(stored, RolloutState.Aborted, "aborted", "rollouts", Superseded(stored.Record, champion), cancel);
        if (champion != version) await registry.PromoteAsync(stored.Record.Model, version, by, $"rollout {stored.Record.Id}: {comment}", new ExpectedChampion(stored.Record.Champion), cancel);
        return await ChangeAsync(stored, RolloutState.Promoted, "promoted", by, comment, cancel);
    }

    private async Task<RolloutRecord> ChangeAsync(
        StoredRollout found, RolloutState to, string verb, string by, string comment, CancellationToken cancel, Func<RolloutRecord, RolloutRecord>? change = null)
    {
        var stored = await SwapAsync(found, to, verb, by, comment, cancel, change);
        await AnnounceAsync(stored.Record, cancel);
        return stored.Record;
    }

    private async Task<StoredRollout> SwapAsync(
        StoredRollout found, RolloutState to, string verb, string by, string comment, CancellationToken cancel, Func<RolloutRecord, RolloutRecord>? change = null)
    {
        var rollout = found.Record;
        if (!RolloutTransitions.May(rollout.State, to)) throw new RolloutTransitionException(rollout, to, verb);
        var now = time.GetUtcNow();
        var changed = change is null ? rollout : change(rollout);
        changed = changed with { State = to, Revision = rollout.Revision + 1, Reason = comment, EndedAt = to is RolloutState.Running or RolloutState.Paused or RolloutState.Promoting ? null : now };
        var entry = Entry(rollout.Model, changed.Challenger, rollout.Champion, $"rollout-{verb}", by, Join(Shares(changed.Variants), comment), now) with { Run = rollout.Run };
        changed = changed with { History = [.. rollout.History, entry] };
        return await records.ReplaceAsync(found, changed, cancel)
            ?? throw new RefusedException($"somebody else moved rollout '{rollout.Id}' meanwhile; look at it and try again");
    }

    // The record is the truth; audit and flags follow, and whoever comes next completes what a process that died left undone.
    private async Task AnnounceAsync(RolloutRecord rollout, CancellationToken cancel)
    {
        var owed = RolloutAudit.Owed(rollout)[^1];
        await audit.RecordAsync(owed.Entry, owed.Key, cancel);
        var bad = rollout.State == RolloutState.RolledBack;
        await signals.SayAsync(rollout.Model, "rollout", bad, Severity.Error, $"rollout {rollout.Id} of version {rollout.Challenger} is {RolloutTransitionException.Word(rollout.State)}: {rollout.Reason}", owed.Entry.At, rollout.Id);
        await PublishAsync(rollout, cancel);
    }

    private async Task PublishAsync(RolloutRecord rollout, CancellationToken cancel)
    {
        try
        {
            await flags.PublishAsync(rollout, null, cancel);
        }
        catch (Exception e) when (e is EnvironmentException or DataException)
        {
            // The next look publishes it; until then the flags as they are last known hold.
            LogNotPublished(e, rollout.Id, store.Name);
            await signals.SayAsync(rollout.Model, "flags", bad: true, Severity.Error, $"the flags of rollout {rollout.Id} could not be written to {store.Name}: {e.Message}", time.GetUtcNow());
        }
    }

    private async Task RequireServableAsync(string model, int version, CancellationToken cancel)
    {
        var found = await registry.FindAsync(model, version, cancel);
        if (found is null)
        {
            var versions = (await registry.ListAsync(model, cancel)).Versions;
            throw new RequestException($"model '{model}' has no version {version}; it has {(versions.Count == 0 ? "none" : $"{versions[0].Version} to {versions[^1].Version}")}");
        }

        var why = found.Status switch { VersionStatus.Rejected => "was rejected", VersionStatus.Expired => "expired before it was approved", VersionStatus.AwaitingApproval => "waits for approval; approve it first", _ => null };
        if (why is not null) throw new RefusedException($"version {version} of model '{model}' {why}, so it cannot be rolled out");
        await registry.VerifyAsync(model, version, cancel);
    }

    private async Task RequireFreePartAsync(string model, RolloutDefinition terms, CancellationToken cancel)
    {
        if (terms.Layer is null) return;
        foreach (var other in (await records.ModelsAsync(cancel)).Where(m => m != model))
        {
            if (await ActiveAsync(other, cancel) is { } running && running.Terms.Layer == terms.Layer && running.Terms.From < terms.To && terms.From < running.Terms.To)
            {
                throw new RefusedException(string.Create(CultureInfo.InvariantCulture,
                    $"layer '{terms.Layer}' is taken from {running.Terms.From} to {running.Terms.To} by rollout '{running.Id}', so the part from {terms.From} to {terms.To} is not free"));
            }
        }
    }

    private DateTimeOffset Later(DateTimeOffset before) => time.GetUtcNow() is var now && now > before ? now : before;

    private static string Superseded(RolloutRecord rollout, int? champion) => $"the champion became {(champion is { } v ? $"version {v.ToString(CultureInfo.InvariantCulture)}" : "none")} meanwhile, not through this rollout (it began against version {rollout.Champion})";

    private static AuditEntry Entry(string model, int version, int champion, string action, string by, string comment, DateTimeOffset at) => new(model, action, version, champion, by, comment, at);

    private static string Join(string what, string comment) => comment.Length == 0 ? what : $"{what}: {comment}";

    private static string Shares(IReadOnlyList<RolloutVariant> variants) =>
        string.Join(", ", variants.Select(v => string.Create(CultureInfo.InvariantCulture, $"{(v.Name is RolloutVariant.Champion or RolloutVariant.Challenger or RolloutVariant.Shadow ? $"{v.Name} (version {v.Version})" : $"version {v.Version}")} {v.Percent:0.###} %")));

    [Microsoft.Extensions.Logging.LoggerMessage(7101, Microsoft.Extensions.Logging.LogLevel.Error, "The flags of rollout {Rollout} could not be written to {Store}; it is tried again")]
    private partial void LogNotPublished(Exception error, string rollout, string store);
}
