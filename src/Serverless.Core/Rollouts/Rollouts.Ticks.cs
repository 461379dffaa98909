using Microsoft.Extensions.Logging;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Registry;

namespace Serverless.Rollouts;

/// <summary>What happens to rollouts without anybody asking.</summary>
internal sealed partial class Rollouts
{
    public const string Actor = "rollouts";

    // What is well is said once, not at every look.
    private readonly Said<(string Rollout, string Guard)> said = new();

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        FlagSet? seen = null;
        foreach (var model in await records.ModelsAsync(cancel))
        {
            try
            {
                if (await records.LastAsync(model, cancel) is not { } last) continue;
                if (last.Record.Active) last = await LookAsync(last, now, cancel);
                seen ??= await SeenAsync(model, cancel);
                if (seen is not null) await flags.PublishAsync(last.Record, seen, cancel);
            }
            catch (RefusedException e)
            {
                // Somebody else moved it in the same moment: what they did holds, and the next look goes on from there.
                LogLost(e, model);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogSkipped(e, model);
                await signals.SayAsync(model, "rollout-look", bad: true, Severity.Error, $"the rollout of '{model}' could not be looked at: {e.Message}", now);
            }
        }
    }

    public async Task<RolloutReport> ReportAsync(RolloutRecord rollout, CancellationToken cancel = default)
    {
        var evidence = await EvidenceAsync(rollout, time.GetUtcNow(), cancel);
        var next = rollout.Active ? policies[rollout.Kind].Next(rollout, evidence).Reason : rollout.Reason;
        return new RolloutReport(rollout, [.. VariantSummaries.Of(rollout, evidence)], guards.Judge(rollout, evidence), next, ExperimentReports.Of(rollout, evidence, next));
    }

    private async Task<StoredRollout> LookAsync(StoredRollout found, DateTimeOffset now, CancellationToken cancel)
    {
        var rollout = found.Record;
        if (rollout.State == RolloutState.Promoting)
        {
            var asked = rollout.History[^1];
            return found with { Record = await PromoteAsync(found, rollout.Challenger, asked.By, rollout.Reason, cancel) };
        }

        var champion = await registry.AliasAsync(rollout.Model, Alias.Champion, cancel);
        if (champion != rollout.Champion) return found with { Record = await ChangeAsync(found, RolloutState.Aborted, "aborted", Actor, Superseded(rollout, champion), cancel) };
        var evidence = await EvidenceAsync(rollout, now, cancel);
        var verdicts = guards.Judge(rollout, evidence);
        foreach (var verdict in verdicts.Where(v => said.Changes((rollout.Id, v.Guard), v.Broken))) await signals.SayAsync(rollout.Model, $"guard({verdict.Guard})", verdict.Broken, Severity.Error, verdict.Message, now, rollout.Id);
        if (verdicts.FirstOrDefault(v => v.Broken) is { } broken) return found with { Record = await RollBackAsync(found, $"guard {broken.Guard}: {broken.Message}", cancel) };
        if (rollout.State == RolloutState.Paused) return found;
        return policies[rollout.Kind].Next(rollout, evidence) switch
        {
            RolloutMove.Share share => await ShareAsync(found, share, evidence, now, cancel),
            RolloutMove.Promote promote => found with { Record = await PromoteAsync(found, promote.Version, Actor, promote.Reason, cancel) },
            RolloutMove.RollBack back => found with { Record = await RollBackAsync(found, back.Reason, cancel) },
            RolloutMove.End end => found with { Record = await ChangeAsync(found, RolloutState.Ended, "ended", Actor, end.Reason, cancel) },
            RolloutMove.Pause pause => found with { Record = await PauseAsync(found, pause.Reason, now, cancel) },
            RolloutMove.Stay { LeastP: { } least } when !Same(least, rollout.LeastP) => await records.ReplaceAsync(found, rollout with { LeastP = least }, cancel) ?? found,
            _ => found,
        };
    }

    private Task<RolloutRecord> RollBackAsync(StoredRollout found, string reason, CancellationToken cancel) => ChangeAsync(found, RolloutState.RolledBack, "rolled-back", Actor, reason, cancel);

    private async Task<RolloutRecord> PauseAsync(StoredRollout found, string reason, DateTimeOffset now, CancellationToken cancel)
    {
        var paused = await ChangeAsync(found, RolloutState.Paused, "paused", Actor, reason, cancel);
        await signals.SayAsync(paused.Model, "rollout-paused", bad: true, Severity.Error, $"rollout {paused.Id} stopped and waits for a person: {reason}", now, paused.Id);
        return paused;
    }

    private async Task<StoredRollout> ShareAsync(StoredRollout found, RolloutMove.Share share, RolloutEvidence evidence, DateTimeOffset now, CancellationToken cancel)
    {
        var stepAt = now > found.Record.StepAt ? now : found.Record.StepAt;
        var moved = await SwapAsync(found, RolloutState.Running, "moved", Actor, share.Reason, cancel, r => r with { Variants = share.Variants, StepAt = stepAt, Before = evidence.Totals });
        await AnnounceAsync(moved.Record, cancel);
        return moved;
    }

    private async Task<RolloutEvidence> EvidenceAsync(RolloutRecord rollout, DateTimeOffset now, CancellationToken cancel)
    {
        var metrics = policies[rollout.Kind].Metrics(rollout.Terms).Concat(guards.Metrics(rollout.Terms)).Select(m => m ?? "").Distinct(StringComparer.Ordinal);
        var rows = new Dictionary<string, IReadOnlyList<OutcomeRow>>(StringComparer.Ordinal);
        foreach (var metric in metrics) rows[metric] = await outcomes.ReadAsync(rollout.Model, rollout.Id, metric.Length == 0 ? null : metric, cancel);
        return new RolloutEvidence { Now = now, Totals = await counts.SumAsync(rollout.Id, cancel), Before = rollout.Before, Outcomes = rows };
    }

    private async Task<FlagSet?> SeenAsync(string model, CancellationToken cancel)
    {
        try
        {
            return await store.ReadAsync(null, cancel);
        }
        catch (Exception e) when (e is EnvironmentException or DataException)
        {
            LogNotPublished(e, model, store.Name);
            return null;
        }
    }

    private static bool Same(IReadOnlyDictionary<string, double> a, IReadOnlyDictionary<string, double> b) => a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var v) && v == p.Value);

    [LoggerMessage(7102, LogLevel.Information, "The rollout of {Model} was moved by somebody else in the same moment")]
    private partial void LogLost(Exception error, string model);

    [LoggerMessage(7103, LogLevel.Error, "The rollout of {Model} could not be looked at this time")]
    private partial void LogSkipped(Exception error, string model);
}
