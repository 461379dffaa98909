using System.Globalization;
using Serverless.Alerts;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Workspaces;

namespace Serverless.Monitoring;

/// <summary>
/// Compares the newest data, what the champion says of them, what it said to callers, and the labels, with the reference that was stored with the champion. The first step
/// writes down which version and which data it is, so that the others come to the same however often they are repeated. Whether to train is decided by the scheduler.
/// </summary>
internal sealed class MonitorRun(Workspace workspace, IDatasetHistory history, IModelRegistry registry, ModelComparison comparison, DriftRecords records, ISignals? signals = null) : IRunDefinition<MonitorState>
{
    private const int MostNamed = 20;

    public string Kind => "monitor";

    public string Subject(MonitorState state) => state.Model;

    public IReadOnlyList<Transition<MonitorState>> Transitions =>
    [
        new("queued", "pinned", PinAsync),
        new("pinned", "compared", CompareAsync),
        new("compared", "done", TellAsync),
    ];

    private async Task<Step<MonitorState>> PinAsync(RunContext<MonitorState> context, CancellationToken cancel)
    {
        var state = context.State;
        var model = workspace.Model(state.Model);
        if (model.Segment is { } segment) return Step<MonitorState>.Fail(state, $"'{state.Model}' is a segment of model '{segment.Model}': data are compared for the model as a whole (serverless-ml drift {segment.Model})");
        if (await registry.AliasAsync(state.Model, Alias.Champion, cancel) is not { } champion)
        {
            return Step<MonitorState>.Fail(state, $"model '{state.Model}' has no champion to compare with; train it first (serverless-ml train {state.Model})");
        }

        var version = await registry.FindAsync(state.Model, champion, cancel) ?? throw new DataException($"model '{state.Model}' has no version {champion}");
        var commits = await history.CommitsAsync(version.Lineage.Dataset, cancel);
        if (commits.Count == 0) return Step<MonitorState>.Fail(state, $"dataset '{version.Lineage.Dataset}' has no partitions");
        var partitions = await history.PartitionsAsync(version.Lineage.Dataset, AsOf.AtVersion(commits[^1].Version), cancel);
        state = state with { Version = champion, DatasetVersion = commits[^1].Version };
        var until = version.Lineage.Until;
        var newer = partitions.Select(p => PartitionKey.Period(p.Key)).Where(p => p?.End > until).Select(p => p!.Value.End).ToArray();
        if (newer.Length > 0)
        {
            var end = newer.Max();
            var from = model.Monitor?.Window is { } window && end - window > until ? end - window : until;
            return Step<MonitorState>.Next(state with { Basis = MonitorBasis.Newer, From = from, To = end });
        }

        return state.HoldoutToo ? Step<MonitorState>.Next(state with { Basis = MonitorBasis.Holdout, From = version.Lineage.HoldoutFrom, To = until })
            : Step<MonitorState>.End(state, string.Create(CultureInfo.InvariantCulture, $"there are no data newer than {until.UtcDateTime:yyyy-MM-dd}, where the training window of version {champion} ends"));
    }

    private async Task<Step<MonitorState>> CompareAsync(RunContext<MonitorState> context, CancellationToken cancel)
    {
        try
        {
            context.Progress?.Report(new RunProgress("comparing", null));
            // What stands there was told already, perhaps.
            var report = await records.ReportAsync(context.RunId, cancel) ?? await comparison.CompareAsync(context.RunId, context.State, context.CreatedAt, cancel);
            await records.PutAsync(report, context.RunId, cancel);
            var entry = Entry(report);
            await records.AddAsync(entry, cancel);
            return Step<MonitorState>.Next(context.State with { Entry = entry });
        }
        catch (Exception e) when (e is DataException or RequestException)
        {
            return Step<MonitorState>.Fail(context.State, e.Message);
        }
    }

    private async Task<Step<MonitorState>> TellAsync(RunContext<MonitorState> context, CancellationToken cancel)
    {
        var report = await records.ReportAsync(context.RunId, cancel) ?? throw new DataException($"'{DriftRecords.ReportKey(context.RunId)}' is gone from the store");
        // The holdout is old news: nobody is woken for it.
        if (signals is not null && report.Basis == MonitorBasis.Newer) await signals.PublishAsync(MonitorSignals.Of(report), cancel);
        else if (signals is not null && MonitorSignals.Outliers(report) is { } served) await signals.PublishAsync([served], cancel);
        return Step<MonitorState>.Next(context.State);
    }

    private static DriftEntry Entry(MonitorReport report) => new()
    {
        Run = report.Run!, Model = report.Model!, Version = report.Version!.Value, At = report.At, Basis = report.Basis, Current = report.Current, Drifted = report.Drifted,
        Reasons = report.Reasons, Share = report.Share, DriftedColumns = [.. report.Columns.Where(c => c.Drifted).Select(c => c.Name).Take(MostNamed)],
        PredictionDrifted = report.Prediction is null && report.Served is null ? null : report.Prediction is { Drifted: true } || report.Served is { Drifted: true },
        LabelDrifted = report.Label?.Drifted, Outliers = report.Outliers, UpstreamChanges = [.. report.UpstreamChanges.Select(c => c.Message).Take(MostNamed)], Report = DriftRecords.ReportKey(report.Run!),
    };
}
