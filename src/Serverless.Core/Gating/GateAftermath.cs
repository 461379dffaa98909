using Serverless.Alerts;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scheduling;
using Serverless.Training;

namespace Serverless.Gating;

/// <summary>
/// What follows when the gate refused: the audit, the decisions, and what the model file asks for. Everything bears the run's own time and id, so a repeated step does
/// nothing twice.
/// </summary>
internal sealed class GateAftermath(AliasMoves audit, DecisionRecords decisions, ITrainingHolds holds, ITuning tuning, ISignals? signals = null)
{
    public async Task RefusedAsync(RunContext<TrainState> context, ModelDefinition model, GateResult gate, int? champion, CancellationToken cancel)
    {
        var reason = gate.Reasons.Count > 0 ? gate.Reasons[0] : "it gave no reason";
        await audit.RecordAsync(new AuditEntry(model.Name, "refused", null, champion, "gate", reason, context.CreatedAt) { Run = context.RunId }, $"refused-{context.RunId}", cancel);
        switch (model.Gate.OnFailure)
        {
            case GateFailure.Tune:
                var answer = await tuning.AskAsync(model.Name, context.RunId, reason, cancel);
                await DecideAsync(context, model, answer.Run is not null, $"the gate refused run {context.RunId} ({reason}); onFailure: tune: {answer.Reason}", answer.Run, cancel);
                if (answer.Run is null) await SayAsync(context, "tune", $"the gate refused the new version and asked to tune, but {answer.Reason}", cancel);
                break;
            case GateFailure.Stop:
                await holds.StopAsync(model.Name, context.RunId, reason, context.CreatedAt, cancel);
                await DecideAsync(context, model, false, $"the gate refused run {context.RunId} ({reason}); onFailure: stop: no training by itself until it is resumed", null, cancel);
                await SayAsync(context, "stopped", $"training stopped: the gate refused the new version ({reason}). To go on: serverless-ml models resume {model.Name} --comment \"...\"", cancel);
                break;
            default:
                await DecideAsync(context, model, false, $"the gate refused run {context.RunId} ({reason}); onFailure: keep-champion", null, cancel);
                break;
        }
    }

    private Task<bool> DecideAsync(RunContext<TrainState> context, ModelDefinition model, bool train, string reason, string? run, CancellationToken cancel) => decisions.AddAsync(
        new Decision { Model = model.Name, At = context.CreatedAt, Cause = DecisionCause.Gate, Train = train, Reason = reason, Run = run }, context.CreatedAt, $"gate-{context.RunId}", cancel);

    private async Task SayAsync(RunContext<TrainState> context, string name, string message, CancellationToken cancel)
    {
        if (signals is null) return;
        await signals.PublishAsync([GateSignal.About(context, name, message)], cancel);
    }
}
