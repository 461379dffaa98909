using Serverless.Alerts;
using Serverless.Models;
using Serverless.Performance;
using Serverless.Rollouts;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Workspaces;

namespace Serverless.Feedback;

/// <summary>Joins feedback to predictions, brings the figures and the outcomes of rollouts up to date, estimates what is not known yet, and tells whoever should know.</summary>
internal sealed class FeedbackRun(
    Workspace workspace, FeedbackJoin join, FeedbackRouting routing, RealisedMeasuring measuring, RealisedStore store, RolloutRecords rollouts, OutcomeTables outcomes, PerformanceEstimation estimation,
    JoinStates states, FeedbackOptions options, ISignals? signals = null, IRetrainRequests? requests = null) : IRunDefinition<FeedbackState>
{
    public string Kind => "feedback";

    public string Subject(FeedbackState state) => state.Model;

    public IReadOnlyList<Transition<FeedbackState>> Transitions =>
    [
        new("queued", "joined", JoinAsync),
        new("joined", "measured", MeasureAsync),
        new("measured", "estimated", EstimateAsync),
        new("estimated", "done", TellAsync),
    ];

    private async Task<Step<FeedbackState>> JoinAsync(RunContext<FeedbackState> context, CancellationToken cancel)
    {
        var state = context.State;
        context.Progress?.Report(new RunProgress("joining", null));
        if (state.Model == FeedbackStreams.Unassigned)
        {
            return await routing.RunAsync(context.CreatedAt, cancel) is { } routed ? Step<FeedbackState>.Next(state with { Joined = routed }) : Again(state);
        }

        var outcome = await join.RunAsync(state.Model, context.CreatedAt, cancel);
        return outcome.Lost ? Again(state) : Step<FeedbackState>.Next(state with { Events = outcome.Events, Joined = outcome.Joined });
    }

    private async Task<Step<FeedbackState>> MeasureAsync(RunContext<FeedbackState> context, CancellationToken cancel)
    {
        if (context.State.Model == FeedbackStreams.Unassigned) return Step<FeedbackState>.Next(context.State);
        context.Progress?.Report(new RunProgress("measuring", null));
        var model = workspace.Model(context.State.Model);
        var summary = await measuring.MeasureAsync(model, context.CreatedAt, cancel);
        foreach (var rollout in await rollouts.AllAsync(model.Name, cancel))
        {
            if (rollout.Record.Active || rollout.Record.EndedAt > context.CreatedAt.AddDays(-1)) await outcomes.UpdateAsync(model, rollout.Record, context.CreatedAt, cancel);
        }

        return Step<FeedbackState>.Next(context.State with { Drifted = summary.Drift?.AtTraining is null ? null : summary.Drift.Drifted });
    }

    private async Task<Step<FeedbackState>> EstimateAsync(RunContext<FeedbackState> context, CancellationToken cancel)
    {
        var state = context.State;
        if (state.Model == FeedbackStreams.Unassigned) return Step<FeedbackState>.Next(state);
        context.Progress?.Report(new RunProgress("estimating", null));
        await estimation.EstimateAsync(workspace.Model(state.Model), context.CreatedAt, eager: state.By != "schedule", cancel);
        return Step<FeedbackState>.Next(state);
    }

    private async Task<Step<FeedbackState>> TellAsync(RunContext<FeedbackState> context, CancellationToken cancel)
    {
        var state = context.State;
        if (state.Model == FeedbackStreams.Unassigned)
        {
            var waits = UnmatchedFeedback.Of((await states.ReadAsync(FeedbackStreams.Unassigned, cancel)).State, context.CreatedAt, options);
            if (signals is not null && PerformanceSignals.Unassigned(waits, context.RunId, context.CreatedAt) is { } signal) await signals.PublishAsync([signal], cancel);
            return Step<FeedbackState>.Next(state);
        }

        if (await store.SummaryAsync(state.Model, cancel) is not { } summary) return Step<FeedbackState>.Next(state);
        if (signals is not null) await signals.PublishAsync(PerformanceSignals.Of(summary, context.RunId, context.CreatedAt), cancel);
        var asked = await AskAsync(workspace.Model(state.Model), summary, context, cancel);
        return Step<FeedbackState>.Next(state with { Asked = asked });
    }

    /// <summary>A training is asked for once for each champion, and again when it does not do better for a whole window.</summary>
    private async Task<bool> AskAsync(ModelDefinition model, RealisedSummary summary, RunContext<FeedbackState> context, CancellationToken cancel)
    {
        if (requests is null || !model.Retrain.OnFeedback || summary.Drift is not { Drifted: true } drift) return false;
        if (summary.AskedFor == drift.Version && summary.AskedAt is { } before && context.CreatedAt - before < model.Feedback.Window) return false;
        await requests.AskAsync(new RetrainRequest { Model = model.Name, Cause = DecisionCause.Feedback, At = context.CreatedAt, Key = context.RunId, Reason = drift.Message }, cancel);
        await store.PutAsync(summary with { AskedFor = drift.Version, AskedAt = context.CreatedAt }, cancel);
        return true;
    }

    private static Step<FeedbackState> Again(FeedbackState state) => Step<FeedbackState>.Later(state, TimeSpan.FromSeconds(1), "somebody else joined feedback in the same moment");
}
