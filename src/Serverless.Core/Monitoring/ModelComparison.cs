using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Drift.Multivariate;
using Serverless.Models;
using Serverless.Drift.Samples;
using Serverless.FeatureViews;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Storage;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Monitoring;

/// <summary>Compares current rows with the reference of a version: data, predictions, labels.</summary>
internal sealed class ModelComparison(
    Workspace workspace, IDatasetHistory history, IObjectStore objects, IDataEngine engine, IModelRegistry registry, ReferenceStore references, WindowComparison comparison, ServedPredictions served, HistoryLookups lookups)
{
    // Rows that are scored; more say nothing new about a distribution.
    private const int MostScored = 100_000;
    private static readonly TimeSpan ServedLately = TimeSpan.FromDays(7);

    /// <param name="at">When it was asked for.</param>
    public async Task<MonitorReport> CompareAsync(string run, MonitorState state, DateTimeOffset at, CancellationToken cancel)
    {
        var model = workspace.Model(state.Model);
        var version = await registry.FindAsync(state.Model, state.Version!.Value, cancel) ?? throw new DataException($"model '{state.Model}' has no version {state.Version}");
        var dataset = workspace.Dataset(version.Lineage.Dataset);
        var monitor = model.Monitor ?? new MonitorDefinition();
        var all = (await history.PartitionsAsync(dataset.Name, AsOf.AtVersion(state.DatasetVersion!.Value), cancel)).Where(p => PartitionKey.Period(p.Key) is not null).ToArray();
        var (from, to) = (state.From!.Value, state.To!.Value);

        using var file = await references.OpenAsync(version, cancel);
        var partitions = PartitionWindow.Overlapping(all, from, to);
        using var current = await PartitionWindow.OpenAsync("the current data", dataset, partitions, from, to, objects, engine, cancel);
        if (current.Facts.Rows == 0) throw new DataException($"dataset '{dataset.Name}' has no rows between {from:u} and {to:u}");
        var own = await OwnAsync(file.Path, version, cancel);
        int[]? trained = state.Basis == MonitorBasis.Holdout ? [.. Enumerable.Range(0, own.Rows).Where(i => ((StringColumn)own[ReferenceColumns.Part])[i] == ReferenceColumns.Train)] : null;
        var (source, problem) = await LookedUpAsync(current.Source, partitions, dataset, version, at, cancel);
        ColumnDefinition[] looked = problem is null ? [.. version.Schema.Inputs.Where(c => c.Lookup is not null).Select(c => new ColumnDefinition { Name = c.Name, Type = c.Type })] : [];
        var reference = new StoredRows("the reference", engine, [file.Path], [.. dataset.Columns, .. looked], own.Rows, trained);
        var settings = monitor.Settings(model.Trainer.Seed) with { Distributions = true };
        return await Task.Run(async () =>
        {
            var (columns, together, drifted) = comparison.Compare(reference, source, settings, cancel);
            var (prediction, label, notes) = await AnswersAsync(model, version, dataset, source, own, trained, problem, cancel);
            var (given, rows) = await ServedAsync(version, own, at, monitor.Window ?? ServedLately, cancel);
            var outliers = model.Outliers is { } wanted ? await served.OutliersAsync(version, at - (monitor.Window ?? ServedLately), at, wanted.LimitOrDefault, cancel) : null;
            return Report(run, state, at, version, columns, together, settings) with
            {
                Reference = new WindowFacts(version.Lineage.TrainFrom, trained is null ? version.Lineage.Until : version.Lineage.HoldoutFrom, reference.Rows, version.Lineage.Partitions.Count) { Sample = true },
                Current = current.Facts,
                Drifted = drifted || prediction is { Drifted: true } || given is { Drifted: true } || label is { Drifted: true },
                Reasons =
                [
                    .. drifted ? [DriftReasons.Data(columns, together, settings)] : Array.Empty<string>(),
                    .. prediction is { Drifted: true } ? [DriftReasons.Column("predictions for the current data drifted", prediction)] : Array.Empty<string>(),
                    .. given is { Drifted: true } ? [DriftReasons.Column("predictions given lately drifted", given)] : Array.Empty<string>(),
                    .. label is { Drifted: true } ? [DriftReasons.Column("labels drifted", label)] : Array.Empty<string>(),
                ],
                Prediction = prediction, Outliers = outliers, Served = given, ServedRows = rows, Label = label, Notes = notes,
                Shapes = await comparison.ShapesAsync(reference, dataset, [.. all.Where(p => PartitionKey.Period(p.Key)!.Value.Start < to)], columns, cancel),
            };
        }, cancel);
    }

    // As in training: what was known at the time of each row. A champion asked without it would seem to predict something else.
    private async Task<(IDriftSource Rows, string? Problem)> LookedUpAsync(StoredRows rows, IReadOnlyList<PartitionRecord> partitions, DatasetDefinition dataset, ModelVersion version, DateTimeOffset at, CancellationToken cancel)
    {
        RawColumn[] wanted = [.. version.Schema.Inputs.Where(c => c.Lookup is not null)];
        if (wanted.Length == 0) return (rows, null);
        string[] keys = [.. TrainingColumns.KeysOf(wanted).Concat(dataset.Partition.Column is { } time ? [time] : []).Distinct(StringComparer.Ordinal)];
        try
        {
            if (keys.FirstOrDefault(k => dataset.Columns.All(c => c.Name != k)) is { } gone) return (rows, $"dataset '{dataset.Name}' has no column '{gone}' any more");
            var table = rows.Read(keys, cancel);
            var looked = (await lookups.FillAsync(table, TrainingReader.Ticks(table, dataset, partitions), wanted, AsOf.At(at), cancel)).Rows;
            return (new LookedUpRows(rows, new Table(looked.Rows, [.. wanted.Select(c => looked[c.Name])])), null);
        }
        catch (DataException e)
        {
            return (rows, e.Message);
        }
    }

    // The columns of the reference that are not the dataset's.
    private Task<Table> OwnAsync(string path, ModelVersion version, CancellationToken cancel) => engine.ReadAsync([path],
        [.. new[] { ReferenceColumns.Label, ReferenceColumns.Part, ReferenceColumns.Prediction, ReferenceColumns.Score }.Select(n => ReferenceColumns.Definition(n, version.Schema.Task))], cancel);

    private async Task<(DriftColumn? Prediction, DriftColumn? Label, IReadOnlyList<string> Notes)> AnswersAsync(
        ModelDefinition model, ModelVersion version, DatasetDefinition dataset, IDriftSource current, Table own, int[]? trained, string? problem, CancellationToken cancel)
    {
        var notes = new List<string>();
        var known = current.Columns.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        string[] wanted = [.. version.Schema.Inputs.Select(i => i.Name).Where(known.Contains).Union(LabelledRows.Reads(model, dataset))];
        var rows = current.Read(wanted, cancel);
        if (rows.Rows > MostScored) rows = rows.Take(PooledRows.Draw(rows.Rows, MostScored, new Random(model.Trainer.Seed)));

        DriftColumn? prediction = null;
        if (trained is not null)
        {
            notes.Add("There are no data newer than the training window yet: the holdout is compared with the rows trained on, and its predictions with nothing.");
        }
        else if (problem is not null)
        {
            notes.Add($"What the champion looks up cannot be looked up for the current data, so its predictions for them are not compared: {problem}");
        }
        else if (Predicted(own, version.Schema, "prediction") is { } before && await registry.LoadAsync(version.Model, version.Version, cancel) is { } pipeline)
        {
            prediction = comparison.CompareColumn(before, Answers(pipeline, rows, cancel), cancel);
        }

        if (model.Task != version.Schema.Task)
        {
            notes.Add($"The model file asks for {model.Task.ToString().ToLowerInvariant()} now, the champion does {version.Schema.Task.ToString().ToLowerInvariant()}: labels are not compared.");
            return (prediction, null, notes);
        }

        var after = LabelledRows.Column("label", model, dataset, rows, cancel);
        var labels = trained is null ? own[ReferenceColumns.Label] : own[ReferenceColumns.Label].Take(trained);
        if (after is null) notes.Add("No current row has a label yet.");
        return (prediction, after is null ? null : comparison.CompareColumn(labels with { Name = "label" }, after, cancel), notes);
    }

    private async Task<(DriftColumn? Column, long? Rows)> ServedAsync(ModelVersion version, Table own, DateTimeOffset at, TimeSpan window, CancellationToken cancel)
    {
        if (Predicted(own, version.Schema, "served") is not { } before || await served.ReadAsync(version, at - window, at, cancel) is not { } given) return (null, null);
        return (comparison.CompareColumn(before, given, cancel), given.Rows);
    }

    /// <summary>What the version said of its holdout: probability or value, or class; null when the sample has no such row.</summary>
    private static TableColumn? Predicted(Table own, ModelSchema schema, string name)
    {
        var column = schema.Task == TaskKind.Multiclass ? own[ReferenceColumns.Prediction] : own[ReferenceColumns.Score];
        int[] answered = [.. Enumerable.Range(0, own.Rows).Where(i => !column.IsMissing(i))];
        return answered.Length == 0 ? null : column.Take(answered) with { Name = name };
    }

    private static TableColumn Answers(IScoringPipeline pipeline, Table rows, CancellationToken cancel)
    {
        var (schema, shape) = (pipeline.Schema, new AnswerShape(pipeline.Schema));
        var outputs = BatchScorer.Outputs(pipeline, rows, null, cancel);
        ReadOnlySpan<double> Of(int row) => outputs.AsSpan(row * schema.Outputs, schema.Outputs);
        if (schema.Task != TaskKind.Multiclass) return new NumberColumn("prediction", outputs, null);
        var classes = new int[rows.Rows];
        for (var i = 0; i < classes.Length; i++) classes[i] = AnswerShape.Finite(Of(i)) ? shape.Best(Of(i)) : -1;
        return new StringColumn("prediction", classes, [.. schema.Classes], classes.Contains(-1) ? [.. classes.Select(c => c < 0)] : null);
    }

    private static MonitorReport Report(string run, MonitorState state, DateTimeOffset at, ModelVersion version, DriftReport columns, DatasetDrift? together, DriftSettings settings) => new()
    {
        Run = run, Dataset = version.Lineage.Dataset, Model = version.Model, Version = version.Version, At = at, Basis = state.Basis!.Value,
        Reference = new WindowFacts(default, default, 0, 0), Current = new WindowFacts(default, default, 0, 0), Drifted = false, Reasons = [], Multivariate = together,
        Share = columns.Share, ShareThreshold = columns.ShareThreshold, Method = settings.Method, Columns = columns.Columns, Correction = columns.Correction,
        CorrectedTests = columns.CorrectedTests, OnlyInReference = columns.OnlyInReference, OnlyInCurrent = columns.OnlyInCurrent, UpstreamChanges = columns.UpstreamChanges,
    };
}
