using Serverless.Arrival;
using Serverless.Datasets;
using Serverless.FeatureViews;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <summary>
/// Batch scoring of a file or of partitions into <c>runs/&lt;run&gt;/predictions.parquet</c>. The first step writes down which version of the model and of the data it
/// is, so the second gives the same answers however often it is repeated; the object is put if absent.
/// </summary>
internal sealed class ScoreRun(
    Workspace workspace, IModelRegistry registry, IDatasetHistory history, IPartitionReader partitions, IDataEngine engine, IObjectStore objects, DataNotes notes, HistoryLookups lookups) : IRunDefinition<ScoreState>
{
    public string Kind => "score";

    public string Subject(ScoreState state) => state.Model;

    public IReadOnlyList<Transition<ScoreState>> Transitions =>
    [
        new("received", "pinned", PinAsync),
        new("pinned", "done", ScoreAsync),
    ];

    private async Task<Step<ScoreState>> PinAsync(RunContext<ScoreState> context, CancellationToken cancel)
    {
        var state = context.State;
        var version = state.Version ?? await registry.AliasAsync(state.Model, Alias.Champion, cancel);
        if (version is null) return Step<ScoreState>.Fail(state, $"model '{state.Model}' has no champion to score with; train it, or name a version");
        if (await registry.FindAsync(state.Model, version.Value, cancel) is null)
        {
            return Step<ScoreState>.Fail(state, $"model '{state.Model}' has no version {version}");
        }

        if (await notes.LookAsync(state.Model, cancel) is { } note)
        {
            if (note.Refusal is { } refusal) return Step<ScoreState>.Fail(state, $"nothing is predicted from old data: {refusal}");
            state = state with { Notes = note.Texts };
        }

        if (state.Object is not null) return Step<ScoreState>.Next(state with { Version = version });
        if (!workspace.Models.TryGetValue(state.Model, out var model)) return Step<ScoreState>.Fail(state, $"model '{state.Model}' is not in this workspace, so its dataset is not known; name a file");
        var commits = await history.CommitsAsync(model.Dataset, cancel);
        if (commits.Count == 0) return Step<ScoreState>.Fail(state, $"dataset '{model.Dataset}' has no partitions to score");
        return Step<ScoreState>.Next(state with { Version = version, DatasetVersion = state.DatasetVersion ?? commits[^1].Version });
    }

    private async Task<Step<ScoreState>> ScoreAsync(RunContext<ScoreState> context, CancellationToken cancel)
    {
        var state = context.State;
        try
        {
            var pipeline = await registry.LoadAsync(state.Model, state.Version!.Value, cancel);
            var table = state.Object is { } key
                ? await ReadObjectAsync(key, pipeline.Schema, context.CreatedAt, cancel)
                : await ReadPartitionsAsync(state, pipeline.Schema, context.CreatedAt, cancel);
            var progress = context.Progress is { } watcher ? new Forward(watcher) : null;
            var scored = BatchScorer.Score(pipeline, table, progress, cancel);
            var path = $"{StoreNames.Containers.Runs}/{context.RunId}/predictions.parquet";
            await StoreAsync(path, scored, cancel);
            var without = scored["prediction"].Missing!.LongCount(m => m);
            return Step<ScoreState>.Next(state with { Report = new ScoreReport(state.Model, pipeline.Version, path, scored.Rows, without) { Notes = state.Notes } });
        }
        catch (Exception e) when (e is DataException or RequestException)
        {
            return Step<ScoreState>.Fail(state, e.Message);
        }
    }

    private async Task<Table> ReadObjectAsync(string key, ModelSchema schema, DateTimeOffset now, CancellationToken cancel)
    {
        if (await objects.HeadAsync(key, cancel) is null) throw new DataException($"object '{key}' does not exist");
        using var local = await objects.MaterialiseAsync(key, cancel);
        var time = RowTime(schema);
        var table = await engine.ReadFileAsync(local.Path, key[(key.LastIndexOf('/') + 1)..], [.. schema.Inputs, .. time], cancel);
        return await FillAsync(table, schema, time.Length == 0 ? null : time[0].Name, AsOf.At(now), now, cancel);
    }

    private async Task<Table> ReadPartitionsAsync(ScoreState state, ModelSchema schema, DateTimeOffset now, CancellationToken cancel)
    {
        var dataset = workspace.Dataset(workspace.Model(state.Model).Dataset);
        var selected = await partitions.SelectAsync(dataset.Name, new PartitionQuery { AsOf = AsOf.AtVersion(state.DatasetVersion!.Value), From = state.From, To = state.To }, cancel);
        var time = RowTime(schema);
        var table = await partitions.ReadAsync(dataset.Name, selected.Partitions, [.. schema.Inputs.Where(c => c.Lookup is null).Concat(time).Select(c => dataset.Column(c.Name))], cancel);
        return await FillAsync(table, schema, time.Length == 0 ? null : time[0].Name, AsOf.At(now), now, cancel);
    }

    /// <summary>The column with a row's time, where lookups need it and no feature reads it anyway.</summary>
    private static RawColumn[] RowTime(ModelSchema schema) => schema.Inputs.Select(c => c.Lookup?.Time).FirstOrDefault(t => t is not null) is { } name && schema.Inputs.All(c => c.Name != name)
        ? [new RawColumn(name, ColumnType.Timestamp, Required: false)] : [];

    /// <summary>As in training: what was known at the time of each row; a row without a time is one of now. A value that the rows bring themselves is kept.</summary>
    private async Task<Table> FillAsync(Table table, ModelSchema schema, string? time, AsOf asOf, DateTimeOffset now, CancellationToken cancel)
    {
        RawColumn[] wanted = [.. schema.Inputs.Where(c => c.Lookup is not null && (!table.Has(c.Name) || table[c.Name].Missing is { } m && Array.TrueForAll(m, x => x)))];
        if (wanted.Length == 0) return table;
        var ticks = new long[table.Rows];
        var times = (time ?? wanted[0].Lookup!.Time) is { } name && table.Has(name) ? table[name] as TimestampColumn : null;
        for (var i = 0; i < ticks.Length; i++) ticks[i] = times is null || times.IsMissing(i) ? now.UtcTicks : times.Ticks[i];
        return (await lookups.FillAsync(table, ticks, wanted, asOf, cancel)).Rows;
    }

    private async Task StoreAsync(string path, Table scored, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("serverless-score-").FullName;
        try
        {
            var file = Path.Combine(folder, "predictions.parquet");
            await engine.WriteAsync(file, scored, cancel);
            await using var stream = File.OpenRead(file);
            await objects.PutIfAbsentAsync(path, stream, cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Forward(IProgress<RunProgress> watcher) : IProgress<double>
    {
        public void Report(double value) => watcher.Report(new RunProgress("scoring", value));
    }
}
