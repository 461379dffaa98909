using Serverless.Datasets;
using Serverless.FeatureViews;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <summary>What scoring a part found.</summary>
/// <param name="Rows">Rows that were scored.</param>
/// <param name="Rejects">Object key of the rejected rows; null when there are none.</param>
public sealed record PartReport(long Rows, long WithoutAnswer, long Rejected, string? Rejects);

/// <summary>Scores one part of a batch by the pipeline that answers requests, and puts what came of it if absent: doing it twice gives the same files once.</summary>
internal sealed class PartScorer(Workspace workspace, IModelRegistry registry, IBatchFiles files, IDataEngine engine, IObjectStore objects, HistoryLookups lookups)
{
    private const string RowColumn = RowJudge.RowColumn;

    /// <summary>What is read of a row: the model's inputs, the key, and the time that lookups need.</summary>
    public static IReadOnlyList<RawColumn> Columns(ModelSchema schema, IReadOnlyList<string> key)
    {
        RawColumn[] time = schema.Inputs.Select(c => c.Lookup?.Time).FirstOrDefault(t => t is not null) is { } name && schema.Inputs.All(c => c.Name != name)
            ? [new RawColumn(name, ColumnType.Timestamp, Required: false)] : [];
        return
        [
            .. schema.Inputs.Select(c => c.Lookup is null ? c : c with { Required = false }), .. time,
            .. key.Where(k => schema.Inputs.All(c => c.Name != k) && time.All(c => c.Name != k)).Select(k => new RawColumn(k, ColumnType.String, Required: false)),
        ];
    }

    /// <exception cref="DataException">A key column cannot be kept beside the answer.</exception>
    public static void CheckKey(ModelSchema schema, IReadOnlyList<string> key)
    {
        if (key.FirstOrDefault(k => BatchScorer.Reserved(k, schema)) is { } taken) throw new DataException($"column '{taken}' cannot be part of the key: the predictions have a column of that name.");
    }

    public async Task<PartReport> ScoreAsync(string run, ScoreState state, BatchPart part, int number, DateTimeOffset now, IProgress<double>? progress, CancellationToken cancel)
    {
        var pipeline = await registry.LoadAsync(state.Model, state.Version!.Value, cancel);
        var columns = Columns(pipeline.Schema, state.Key);
        var (table, bad) = await ReadAsync(state, part, columns, cancel);
        if (table.Rows + bad.Count == 0 && state.Parts == 1) throw new DataException("there are no rows to score");
        var numbers = ((IntegerColumn)table[RowColumn]).Values;
        table = new Table(table.Rows, [.. table.Columns.Where(c => c.Name != RowColumn)]);
        if (table.Rows > 0) table = await FillAsync(table, pipeline.Schema, AsOf.At(now), now, cancel);
        var scored = BatchScorer.Score(pipeline, table, new BatchColumns(numbers, state.Key, state.Inputs, run), progress, cancel);
        string? rejects = null;
        if (bad.Count > 0)
        {
            rejects = BatchKeys.Rejects(run, number, state.Parts);
            await TableObject.PutAsync(engine, objects, rejects, RejectFile.Write(bad, columns), cancel);
        }

        await TableObject.PutAsync(engine, objects, BatchKeys.Predictions(run, number, state.Parts), scored, cancel);
        return new PartReport(scored.Rows, scored["prediction"].Missing!.LongCount(m => m), bad.Count, rejects);
    }

    private async Task<(Table Good, IReadOnlyList<RejectedRow> Bad)> ReadAsync(ScoreState state, BatchPart part, IReadOnlyList<RawColumn> columns, CancellationToken cancel)
    {
        var local = new List<LocalObject>();
        try
        {
            foreach (var path in part.Paths) local.Add(await objects.MaterialiseAsync(path, cancel));
            switch (part.Form)
            {
                case PartForm.File:
                    if (local[0].Info.ETag != state.ETag) throw BatchSplitter.Replaced(part.Paths[0]);
                    await foreach (var all in files.ReadAsync(local[0].Path, BatchSplitter.Name(part.Paths[0]), columns, int.MaxValue, cancel)) return RowJudge.Split(all, columns);
                    return (new Table(0, [new IntegerColumn(RowColumn, [], null)]), []);
                case PartForm.Cut:
                    var cut = await engine.ReadAsync([local[0].Path], [Definition(new RawColumn(RowColumn, ColumnType.Integer, false)), .. columns.Select(Definition)], cancel);
                    return (cut, []);
                default:
                    var dataset = workspace.Dataset(workspace.Model(state.Model).Dataset);
                    var known = columns.Where(c => c.Lookup is null).ToArray();
                    foreach (var column in known.Where(c => dataset.Columns.All(d => d.Name != c.Name))) throw new DataException($"dataset '{dataset.Name}' has no column '{column.Name}'.{Suggest.Hint(column.Name, dataset.Columns.Select(d => d.Name))}");
                    var rows = await engine.ReadAsync([.. local.Select(l => l.Path)], [.. known.Select(c => dataset.Column(c.Name))], cancel);
                    var numbers = new long[rows.Rows];
                    for (var i = 0; i < numbers.Length; i++) numbers[i] = part.Before + i + 1;
                    return RowJudge.Split(new RowPart(rows, numbers, []), columns);
            }
        }
        finally
        {
            local.ForEach(l => l.Dispose());
        }
    }

    private static ColumnDefinition Definition(RawColumn column) => new() { Name = column.Name, Type = column.Type };

    /// <summary>As in training: what was known at the time of each row; a row without a time is one of now. A value that a row brings itself is kept.</summary>
    private async Task<Table> FillAsync(Table table, ModelSchema schema, AsOf asOf, DateTimeOffset now, CancellationToken cancel)
    {
        RawColumn[] wanted = [.. schema.Inputs.Where(c => c.Lookup is not null && (!table.Has(c.Name) || GivenValues.AnyMissing(table[c.Name])))];
        if (wanted.Length == 0) return table;
        var ticks = new long[table.Rows];
        var times = wanted[0].Lookup!.Time is { } name && table.Has(name) ? table[name] as TimestampColumn : null;
        for (var i = 0; i < ticks.Length; i++) ticks[i] = times is null || times.IsMissing(i) ? now.UtcTicks : times.Ticks[i];
        var filled = (await lookups.FillAsync(table, ticks, wanted, asOf, cancel)).Rows;
        return new Table(table.Rows, [.. filled.Columns.Select(c => table.Has(c.Name) && Array.Exists(wanted, w => w.Name == c.Name) ? GivenValues.Over(table[c.Name], c) : c)]);
    }
}
