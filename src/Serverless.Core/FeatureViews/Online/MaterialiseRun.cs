using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Storage;

namespace Serverless.FeatureViews.Online;

/// <summary>What a refresh of an online table remembers.</summary>
public sealed record MaterialiseState
{
    /// <summary>A view, or <c>model.feature</c>.</summary>
    public required string Source { get; init; }

    public required string By { get; init; }

    public required string Reason { get; init; }

    /// <summary>Version of the dataset that is read; the first step writes it here.</summary>
    public int? DatasetVersion { get; init; }

    public OnlineHead? Head { get; init; }
}

/// <summary>
/// Computes the current value of every key and puts it online. The first step writes down which data it is, so that the others come to the same however often they are repeated; only
/// the last makes readers see the new values. What the values look like is kept as <c>runs/&lt;run&gt;/values.parquet</c> and compared with those of the refresh before.
/// </summary>
internal sealed class MaterialiseRun(OnlineSources sources, HistoryLookups history, IDatasetHistory datasets, OnlineTable online, IDataEngine engine, IObjectStore objects, IDriftDetector drift, ISignals? signals = null) : IRunDefinition<MaterialiseState>
{
    public string Kind => "materialise";

    public string Subject(MaterialiseState state) => state.Source;

    public IReadOnlyList<Transition<MaterialiseState>> Transitions =>
    [
        new("queued", "pinned", PinAsync),
        new("pinned", "written", WriteAsync),
        new("written", "done", MoveAsync),
    ];

    private async Task<Step<MaterialiseState>> PinAsync(RunContext<MaterialiseState> context, CancellationToken cancel)
    {
        string dataset;
        try
        {
            dataset = sources.DatasetOf(context.State.Source);
        }
        catch (RequestException e)
        {
            return Step<MaterialiseState>.Fail(context.State, e.Message);
        }

        var commits = await datasets.CommitsAsync(dataset, cancel);
        return commits.Count == 0 ? Step<MaterialiseState>.Fail(context.State, $"dataset '{dataset}' has no partitions yet; bring data in first: serverless-ml ingest {dataset} FILE...")
            : Step<MaterialiseState>.Next(context.State with { DatasetVersion = commits[^1].Version });
    }

    private async Task<Step<MaterialiseState>> WriteAsync(RunContext<MaterialiseState> context, CancellationToken cancel)
    {
        var state = context.State;
        try
        {
            var columns = sources.Columns(state.Source);
            var values = await history.CurrentAsync(columns, context.CreatedAt, AsOf.AtVersion(state.DatasetVersion!.Value), cancel);
            var keys = columns[0].Lookup!.Keys.Count;
            var buckets = await online.WriteAsync(state.Source, context.RunId, values, keys, cancel);
            await StoreAsync(context.RunId, values, cancel);
            var times = ((TimestampColumn)values["_time"]).Ticks;
            return Step<MaterialiseState>.Next(state with
            {
                Head = new OnlineHead
                {
                    Source = state.Source, Generation = context.RunId, At = context.CreatedAt, DatasetVersion = state.DatasetVersion.Value, Keys = values.Rows, Buckets = buckets,
                    Features = [.. columns.Select(c => c.Name)], Ttl = sources.TtlOf(state.Source), Definition = sources.DefinitionOf(state.Source), Newest = times.Length == 0 ? null : new DateTimeOffset(times.Max(), TimeSpan.Zero),
                },
            });
        }
        catch (Exception e) when (e is DataException or RequestException)
        {
            await online.DropAsync(state.Source, context.RunId, CancellationToken.None);
            return Step<MaterialiseState>.Fail(state, e.Message);
        }
    }

    private async Task<Step<MaterialiseState>> MoveAsync(RunContext<MaterialiseState> context, CancellationToken cancel)
    {
        var head = context.State.Head!;
        var before = (await online.HeadAsync(head.Source, cancel))?.Head;
        if (!await online.MoveAsync(head, cancel))
        {
            await objects.DeleteAsync(KeyOf(context.RunId), cancel);
            return Step<MaterialiseState>.End(context.State, "a later refresh was there first");
        }

        if (signals is not null) await signals.PublishAsync(await SignalsAsync(head, before?.Generation == head.Generation ? before.Previous : before?.Generation, cancel), cancel);
        // As long as its values are in the table: a refresh every minute must not fill the store.
        if ((before?.Generation == head.Generation ? before.Gone : before?.Previous) is { } gone) await objects.DeleteAsync(KeyOf(gone), cancel);
        return Step<MaterialiseState>.Next(context.State);
    }

    private async Task<IReadOnlyList<Signal>> SignalsAsync(OnlineHead head, string? previous, CancellationToken cancel)
    {
        var age = head.Newest is { } newest ? head.At - newest : (TimeSpan?)null;
        var stale = age is null || head.Ttl is { } ttl && age > ttl;
        var fresh = new Signal
        {
            Kind = SignalKind.Arrival, Subject = head.Source, Name = "freshness", Bad = stale, Severity = Severity.Warning, Value = age?.TotalSeconds, At = head.At, Run = head.Generation,
            Expectation = head.Ttl is { } most ? $"newest value at most {Workspaces.Durations.Text(most)} old" : "there are values",
            Message = age is null ? $"'{head.Source}' has no value for any key" : stale ? $"the newest value of '{head.Source}' is from {head.Newest:u}, older than its time to live" : $"'{head.Source}' is fresh",
        };
        if (previous is null) return [fresh];
        try
        {
            if (await ReadAsync(previous, head, cancel) is not { Rows: > 0 } old || await ReadAsync(head.Generation, head, cancel) is not { Rows: > 0 } now) return [fresh];
            var report = drift.Compare(old, now, new DriftSettings(), cancel);
            return
            [
                fresh,
                new Signal
                {
                    Kind = SignalKind.Drift, Subject = head.Source, Name = "drift", Bad = report.Drifted, Severity = Severity.Warning, Value = report.Share, At = head.At, Run = head.Generation,
                    Expectation = FormattableString.Invariant($"share of drifted columns below {report.ShareThreshold:0.##}"),
                    Message = report.Drifted ? $"the values of '{head.Source}' drifted from the refresh before: {string.Join(", ", report.Columns.Where(c => c.Drifted).Select(c => c.Name))}" : $"the values of '{head.Source}' look like those of the refresh before",
                },
            ];
        }
        catch (DataException)
        {
            // Nothing in common with the refresh before, such as other features: nothing to compare.
            return [fresh];
        }
    }

    internal static string KeyOf(string run) => $"{StoreNames.Containers.Runs}/{run}/values.parquet";

    private async Task<Table?> ReadAsync(string run, OnlineHead head, CancellationToken cancel)
    {
        if (await objects.HeadAsync(KeyOf(run), cancel) is null) return null;
        using var local = await objects.MaterialiseAsync(KeyOf(run), cancel);
        var types = sources.Columns(head.Source).ToDictionary(c => c.Name, c => c.Type);
        return await engine.ReadAsync([local.Path], [.. head.Features.Where(types.ContainsKey).Select(f => new ColumnDefinition { Name = f, Type = types[f] })], cancel);
    }

    private async Task StoreAsync(string run, Table values, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("serverless-view-").FullName;
        try
        {
            var file = Path.Combine(folder, "values.parquet");
            await engine.WriteAsync(file, values, cancel);
            await using var stream = File.OpenRead(file);
            await objects.PutIfAbsentAsync(KeyOf(run), stream, cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
