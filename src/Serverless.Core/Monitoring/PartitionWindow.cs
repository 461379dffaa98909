using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Monitoring;

/// <summary>The rows of a dataset in a stretch of time, as files of this machine until disposed.</summary>
internal sealed class PartitionWindow : IDisposable
{
    private readonly List<LocalObject> files;

    private PartitionWindow(List<LocalObject> files, StoredRows rows, WindowFacts facts) => (this.files, Source, Facts) = (files, rows, facts);

    public StoredRows Source { get; }

    public WindowFacts Facts { get; }

    /// <param name="partitions">Those that the window touches. Where one is longer than the window, its rows are chosen by their own time.</param>
    /// <exception cref="DataException">There are no rows.</exception>
    public static async Task<PartitionWindow> OpenAsync(
        string name, DatasetDefinition dataset, IReadOnlyList<PartitionRecord> partitions, DateTimeOffset from, DateTimeOffset to, IObjectStore objects, IDataEngine engine, CancellationToken cancel)
    {
        var files = new List<LocalObject>(partitions.Count);
        try
        {
            foreach (var partition in partitions) files.Add(await objects.MaterialiseAsync(partition.Entry.Path, cancel));
            string[] paths = [.. files.Select(f => f.Path)];
            var selected = await SelectedAsync(dataset, partitions, paths, from, to, engine, cancel);
            var rows = new StoredRows(name, engine, paths, dataset.Columns, partitions.Sum(p => p.Entry.Rows), selected);
            return new PartitionWindow(files, rows, new WindowFacts(from, to, rows.Rows, partitions.Count));
        }
        catch (Exception e)
        {
            files.ForEach(f => f.Dispose());
            if (e is ObjectMissingException missing) throw new DataException($"a partition of dataset '{dataset.Name}' is in the history but not in the store: '{missing.Key}'; restore it, or ingest its drop again", e);
            throw;
        }
    }

    /// <summary>Partitions whose period overlaps [from, to).</summary>
    public static IReadOnlyList<PartitionRecord> Overlapping(IReadOnlyList<PartitionRecord> partitions, DateTimeOffset from, DateTimeOffset to) =>
        [.. partitions.Where(p => PartitionKey.Period(p.Key) is { } period && period.End > from && period.Start < to)];

    public void Dispose() => files.ForEach(f => f.Dispose());

    private static async Task<int[]?> SelectedAsync(
        DatasetDefinition dataset, IReadOnlyList<PartitionRecord> partitions, string[] paths, DateTimeOffset from, DateTimeOffset to, IDataEngine engine, CancellationToken cancel)
    {
        var within = partitions.All(p => PartitionKey.Period(p.Key) is { } period && period.Start >= from && period.End <= to);
        if (within || dataset.Partition.Column is not { } column) return null;
        var times = (TimestampColumn)(await engine.ReadAsync(paths, [dataset.Column(column)], cancel))[column];
        return [.. Enumerable.Range(0, times.Rows).Where(i => !times.IsMissing(i) && times.Ticks[i] >= from.UtcTicks && times.Ticks[i] < to.UtcTicks)];
    }
}
