using Serverless.Arrival;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Training;

/// <summary>Reads what a training needs from the partitions of its window, and nothing from partitions whose checks forbid it.</summary>
internal sealed class TrainingReader(IDatasetHistory history, IPartitionReader reader, PartitionVerdicts verdicts, IArrivals arrivals)
{
    private const long MostValues = 8_000_000;

    /// <exception cref="DataException">No partitions, one in the window failed a check that stops training, or data are missing that the dataset insists on.</exception>
    public async Task<TrainingRows> ReadAsync(ModelDefinition model, DatasetDefinition dataset, DateTimeOffset asOf, IReadOnlyCollection<string> columns, CancellationToken cancel)
    {
        var all = await history.PartitionsAsync(dataset.Name, AsOf.At(asOf), cancel);
        if (all.Count == 0) throw await NoPartitionsAsync(dataset, asOf, cancel);
        if (await arrivals.LookAsync(dataset.Name, cancel) is { } state && state.Refusal() is { } refusal && asOf >= state.Missing[0].Deadline) throw new DataException(refusal);
        var partitions = TrainingWindow.Select(all, model);
        await verdicts.RequireAsync(partitions, cancel);
        var table = await TableAsync(partitions, dataset, columns, cancel);
        var ticks = Ticks(table, dataset, partitions);
        var (first, newest) = (ticks.Length == 0 ? 0 : ticks.Min(), ticks.Length == 0 ? 0 : ticks.Max());
        var until = TrainingWindow.End(dataset, partitions, newest);
        return Slice(new TrainingRows(table, ticks, TrainingWindow.Of(model, until, new DateTimeOffset(first, TimeSpan.Zero)), partitions), model, dataset);
    }

    /// <summary>Rows of a window that is known: nothing from its end on is kept, and no partition that lies beyond it is read.</summary>
    /// <exception cref="DataException">No partitions, or one of them failed a check that stops training.</exception>
    public async Task<TrainingRows> ReadWithinAsync(ModelDefinition model, DatasetDefinition dataset, DateTimeOffset asOf, TrainingWindow window, IReadOnlyCollection<string> columns, CancellationToken cancel)
    {
        var all = await history.PartitionsAsync(dataset.Name, AsOf.At(asOf), cancel);
        if (all.Count == 0) throw await NoPartitionsAsync(dataset, asOf, cancel);
        PartitionRecord[] partitions = [.. TrainingWindow.Select(all, model).Where(p => TrainingWindow.Period(p.Key).From < window.Until)];
        await verdicts.RequireAsync(partitions, cancel);
        var table = await TableAsync(partitions, dataset, columns, cancel);
        var ticks = Ticks(table, dataset, partitions);
        int[] within = [.. Enumerable.Range(0, ticks.Length).Where(i => ticks[i] < window.Until.UtcTicks)];
        var rows = new TrainingRows(table, ticks, window, partitions);
        return Slice(within.Length == ticks.Length ? rows : rows.Take(within), model, dataset);
    }

    // The window is that of all rows, so that every segment is judged on the same stretch of time.
    private static TrainingRows Slice(TrainingRows rows, ModelDefinition model, DatasetDefinition dataset)
    {
        if (model.Segment is not { } segment) return rows;
        var own = Segments.SegmentConditions.Rows(segment, dataset, model.File, rows.Table);
        return own.Length > 0 ? rows.Take(own) : throw new DataException($"no row of the window is in segment '{segment.Part.Name}' ({segment.Part.When.Text}) of model '{segment.Model}'");
    }

    /// <summary>All columns of the dataset for some of the rows: those in memory, and the others read a few at a time.</summary>
    public async Task<IReadOnlyList<TableColumn>> ColumnsAsync(DatasetDefinition dataset, TrainingRows rows, int[] drawn, CancellationToken cancel)
    {
        var found = rows.Table.Columns.ToDictionary(c => c.Name, c => c.Take(drawn), StringComparer.Ordinal);
        var atOnce = (int)Math.Clamp(MostValues / Math.Max(1, rows.Table.Rows), 1, 64);
        foreach (var some in dataset.Columns.Where(c => !found.ContainsKey(c.Name)).Chunk(atOnce))
        {
            var table = await reader.ReadAsync(dataset.Name, rows.Partitions, some, cancel);
            foreach (var column in table.Columns) found[column.Name] = column.Take(rows.Numbers is { } numbers ? Array.ConvertAll(drawn, i => numbers[i]) : drawn);
        }

        return [.. dataset.Columns.Select(c => found[c.Name])];
    }

    private async Task<DataException> NoPartitionsAsync(DatasetDefinition dataset, DateTimeOffset asOf, CancellationToken cancel)
    {
        var later = await history.CommitsAsync(dataset.Name, cancel);
        return new DataException(later.Count == 0
            ? $"dataset '{dataset.Name}' has no partitions yet; bring data in first: serverless-ml ingest {dataset.Name} FILE..."
            : $"dataset '{dataset.Name}' had no partitions as of {asOf.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; the first was written at {later[0].WrittenAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");
    }

    private async Task<Table> TableAsync(IReadOnlyList<PartitionRecord> partitions, DatasetDefinition dataset, IReadOnlyCollection<string> columns, CancellationToken cancel)
    {
        try
        {
            var wanted = dataset.Columns.Where(c => columns.Contains(c.Name) || c.Name == dataset.Partition.Column).ToArray();
            return await reader.ReadAsync(dataset.Name, partitions, wanted, cancel);
        }
        catch (ObjectMissingException e)
        {
            throw new DataException($"a partition of dataset '{dataset.Name}' is in the history but not in the store: '{e.Key}'; restore it, or ingest its drop again", e);
        }
    }

    /// <summary>The time of each row.</summary>
    public static long[] Ticks(Table table, DatasetDefinition dataset, IReadOnlyList<PartitionRecord> partitions)
    {
        if (dataset.Partition.Column is { } column && table.Has(column) && table[column] is TimestampColumn { Missing: null } times) return times.Ticks;
        // By arrival: a row is as old as its partition. Rows stand in the order of the files.
        var ticks = new long[table.Rows];
        var row = 0;
        foreach (var partition in partitions)
        {
            var start = TrainingWindow.Period(partition.Key).From.UtcTicks;
            for (var end = Math.Min(table.Rows, row + partition.Entry.Rows); row < end; row++) ticks[row] = start;
        }

        return ticks;
    }
}
