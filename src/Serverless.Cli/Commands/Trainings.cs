using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Training;

namespace Serverless.Cli.Commands;

/// <summary>Walks one training run in this process.</summary>
internal static class Trainings
{
    public static async Task<TrainReport> RunAsync(OpenWorkspace open, TrainState state, Output output, CancellationToken cancel)
    {
        var engine = open.Get<IRunEngine>();
        var id = await engine.StartAsync(state, cancel: cancel);
        var run = await Bars.RunAsync(output, $"Training {state.Model}", 1, bar => engine.DriveAsync(id, bar, cancel));
        await open.Get<Alerts.IAlertWorker>().FinishAsync(cancel);
        if (run.Status == RunStatus.Failed) throw new DataException($"training '{state.Model}' failed: {run.Reason} (run {run.Id})");
        return ReportOf(run)
            ?? throw new DataException($"run {run.Id} ended as '{run.State}' without a report. {run.Reason}");
    }

    /// <summary>What a training found; null where it ended before the gate.</summary>
    public static TrainReport? ReportOf(RunRecord? run) => run?.Data.Deserialize<TrainState>(ServerlessJson.Options)?.Report;
}
