using Serverless.Alerts;
using Serverless.Gating;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Training;

/// <summary>
/// Trains, gates, registers and promotes. Every step may be repeated: the training leaves its result under <c>runs/&lt;run&gt;/</c> and is not done twice, the registry knows
/// the run's version, and a champion that is there already stays.
/// </summary>
internal sealed class TrainRun(Workspace workspace, ModelTraining training, CandidateStore candidates, ReferenceStore references, IModelRegistry registry, ILeases leases, TimeProvider time, GateAftermath aftermath, Rollouts.IRollouts? rollouts = null, ISignals? signals = null) : IRunDefinition<TrainState>
{
    private const string Purpose = "train";
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    public string Kind => "train";

    public string Subject(TrainState state) => state.Model;

    public IReadOnlyList<Transition<TrainState>> Transitions =>
    [
        new("queued", "trained", TrainAsync),
        new("trained", "gated", async (c, cancel) => await EndedAsync(await GateAsync(c, cancel))),
        new("gated", "registered", RegisterAsync),
        new("registered", "done", async (c, cancel) => await EndedAsync(await PromoteAsync(c, cancel), last: true)),
    ];

    private async Task<Step<TrainState>> TrainAsync(RunContext<TrainState> context, CancellationToken cancel)
    {
        // The time when the run was asked for: whichever process repeats the step sees the same data.
        var state = context.State with { AsOf = context.State.AsOf ?? context.CreatedAt };
        if (await candidates.FindAsync(context.RunId, cancel) is not null) return Step<TrainState>.Next(state);
        if (await leases.TryAcquireAsync(Purpose, context.State.Model, LeaseTime, cancel) is not { } lease)
        {
            return Step<TrainState>.Later(context.State, Wait, $"another training of '{context.State.Model}' is running");
        }

        await using var held = new HeldLease(leases, lease, LeaseTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, held.Lost);
        try
        {
            var trained = await training.TrainAsync(context.RunId, FoundSettings.Apply(state.Found, workspace.Model(state.Model)), workspace, state.AsOf.Value, context.Progress, either.Token, state.Import);
            await references.StageAsync(context.RunId, trained.Reference, trained.Profile, either.Token);
            await candidates.PutDefinitionAsync(context.RunId, workspace, state.Model, either.Token);
            await candidates.PutAsync(trained.Result, trained.Model, either.Token);
            return Step<TrainState>.Next(state with { Right = await held.HandOverAsync() });
        }
        catch (DataException e)
        {
            return Step<TrainState>.Fail(context.State, e.Message);
        }
        catch (OperationCanceledException) when (held.Lost.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return Step<TrainState>.Later(context.State, Wait, $"the right to train '{context.State.Model}' was lost to another process");
        }
    }

    private async Task<Step<TrainState>> GateAsync(RunContext<TrainState> context, CancellationToken cancel)
    {
        var model = workspace.Model(context.State.Model);
        var result = await candidates.RequireAsync(context.RunId, cancel);
        var rival = result.Champion is { } version ? new Rival(version, result.Metrics.Champion, result.ChampionSkipped) : null;
        var gate = Gate.Judge(model, result.Metrics.Candidate, rival, result.Trainer == KnownTrainers.Baseline.Name ? null : result.Metrics.Baseline, result.Gate);
        var state = context.State with { Report = Report(context.RunId, model, result, gate) };
        if (signals is not null) await signals.PublishAsync([GateSignal.Judged(context, gate), VanishedColumns.Signal(context, result.Warnings)], cancel);
        if (!gate.Passed)
        {
            await aftermath.RefusedAsync(context, model, gate, result.Champion, cancel);
            await references.UnstageAsync(context.RunId, cancel);
        }

        return gate.Passed ? Step<TrainState>.Next(state) : Step<TrainState>.End(state, $"the gate refused the model: {gate.Reasons[0]}");
    }

    private async Task<Step<TrainState>> RegisterAsync(RunContext<TrainState> context, CancellationToken cancel)
    {
        var model = workspace.Model(context.State.Model);
        var result = await candidates.RequireAsync(context.RunId, cancel);
        var from = time.GetTimestamp();
        var version = await registry.RegisterAsync(new ModelCandidate
        {
            Model = model.Name,
            Run = context.RunId,
            Artefact = await candidates.ModelAsync(context.RunId, cancel),
            Trainer = result.Trainer,
            Schema = result.Schema,
            Metrics = result.Metrics.Candidate,
            Lineage = result.Lineage,
            NeedsApproval = model.Approval == ApprovalKind.Human,
            ApprovalTerms = model.ApprovalTerms,
            AskedBy = context.State.By,
            Reference = await references.FindStagedAsync(context.RunId, cancel),
        }, cancel);
        await references.UnstageAsync(context.RunId, cancel);
        var report = Known(context.State);
        if (signals is not null && model.Approval == ApprovalKind.Human) await signals.PublishAsync([GateSignal.Awaits(context, version.Version)], cancel);
        var seconds = Math.Round(time.GetElapsedTime(from).TotalSeconds, 4);
        var timings = new Dictionary<string, double>(report.Timings) { ["register"] = seconds, ["total"] = Math.Round(report.Timings["total"] + seconds, 4) };
        return Step<TrainState>.Next(context.State with { Report = report with { Version = version.Version, AwaitingApproval = model.Approval == ApprovalKind.Human, Timings = timings } });
    }

    private async Task<Step<TrainState>> PromoteAsync(RunContext<TrainState> context, CancellationToken cancel)
    {
        var (report, model) = (Known(context.State), context.State.Model);
        var champion = await registry.AliasAsync(model, Alias.Champion, cancel);
        if (report.AwaitingApproval || report.Version is not { } version) return Step<TrainState>.Next(context.State with { Report = report with { Champion = champion } });
        var compared = (await candidates.RequireAsync(context.RunId, cancel)).Champion;
        if (champion != version && champion != compared)
        {
            return Step<TrainState>.Fail(context.State with { Report = report with { Champion = champion } },
                $"the champion of '{model}' became version {champion} while this run compared with {(compared is { } c ? $"version {c}" : "none")}; version {version} is registered but not promoted: train again, or promote it by hand");
        }

        if (champion is not null && champion != version && rollouts is not null && workspace.Model(model).Rollout.Kind != RolloutKind.None)
        {
            return Step<TrainState>.Next(context.State with { Report = await RolloutStart.BeginAsync(rollouts, report with { Champion = champion }, context, cancel) });
        }

        if (champion != version) await registry.PromoteAsync(model, version, context.State.By, $"run {context.RunId}: {context.State.Reason}", new ExpectedChampion(compared), cancel);
        return Step<TrainState>.Next(context.State with { Report = report with { Champion = version } });
    }

    // Somebody who died here keeps the right for a minute at most.
    private async Task<Step<TrainState>> EndedAsync(Step<TrainState> step, bool last = false)
    {
        if (step.State?.Right is not { } right || (step.Kind == StepKind.Next && !last)) return step;
        await leases.ReleaseAsync(right);
        return step with { State = step.State with { Right = null } };
    }

    private static TrainReport Known(TrainState state) => state.Report ?? throw new InvalidOperationException("the gate has not reported");

    private static TrainReport Report(string run, ModelDefinition model, TrainingResult result, GateResult gate) => new()
    {
        Run = run,
        Model = model.Name,
        Trainer = result.Trainer,
        Gate = gate,
        Metrics = result.Metrics.Candidate,
        Undefined = result.Undefined,
        Warnings = result.Warnings,
        ChampionMetrics = result.Metrics.Champion,
        BaselineMetrics = result.Metrics.Baseline,
        Champion = result.Champion,
        TrainRows = result.TrainRows,
        HoldoutRows = result.HoldoutRows,
        Lineage = result.Lineage.Brief(),
        Environment = result.Environment,
        Stopping = result.Stopping,
        Timings = result.Timings,
    };
}
