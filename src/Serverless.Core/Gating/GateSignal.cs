using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Runs;
using Serverless.Training;

namespace Serverless.Gating;

/// <summary>What the gate decided, for those who should know. At the run's own time, so that a repeated step says the same thing.</summary>
internal static class GateSignal
{
    public static Signal Judged(RunContext<TrainState> context, GateResult gate) => new()
    {
        Kind = SignalKind.Gate, Subject = context.State.Model, Name = "gate", Bad = !gate.Passed, Severity = Severity.Warning, At = context.CreatedAt, Run = context.RunId,
        Message = gate.Passed ? "the gate let the new version pass" : $"the gate refused the new version: {(gate.Reasons.Count > 0 ? gate.Reasons[0] : "it gave no reason")}",
    };

    public static Signal About(RunContext<TrainState> context, string name, string message) => new()
    {
        Kind = SignalKind.Gate, Subject = context.State.Model, Name = name, Bad = true, Severity = Severity.Warning, At = context.CreatedAt, Run = context.RunId, Message = message,
    };

    public static Signal Awaits(RunContext<TrainState> context, int version) => new()
    {
        Kind = SignalKind.Gate, Subject = context.State.Model, Name = "approval", Bad = true, Severity = Severity.Warning, At = context.CreatedAt, Run = context.RunId,
        Message = $"version {version} passed the gate and waits for a person: serverless-ml models approve {context.State.Model} {version} --comment \"...\"",
    };
}
