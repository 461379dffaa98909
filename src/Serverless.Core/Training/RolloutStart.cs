using Serverless.Problems;
using Serverless.Rollouts;
using Serverless.Runs;

namespace Serverless.Training;

/// <summary>A version that passed its gate is released bit by bit, where its model file asks for that.</summary>
internal static class RolloutStart
{
    /// <summary>The report with what became of it: a rollout began, or another of the model is under way and the version waits in the registry.</summary>
    public static async Task<TrainReport> BeginAsync(IRollouts rollouts, TrainReport report, RunContext<TrainState> context, CancellationToken cancel)
    {
        try
        {
            var begun = await rollouts.StartAsync(new RolloutRequest(report.Model, report.Version!.Value, null, context.State.By, $"run {context.RunId}: {context.State.Reason}", context.RunId), cancel);
            return report with { Rollout = begun.Id };
        }
        catch (RefusedException e)
        {
            return report with { Warnings = [.. report.Warnings ?? [], $"version {report.Version} is registered and not rolled out: {e.Message}"] };
        }
    }
}
