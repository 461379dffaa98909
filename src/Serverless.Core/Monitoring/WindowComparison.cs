using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Drift.Samples;
using Serverless.Drift.Shape;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Monitoring;

/// <summary>What comparisons of windows have in common: columns one by one, all together, and the shape over the partitions.</summary>
internal sealed class WindowComparison(IDriftDetector detector, IDriftCatalogue catalogue, IObjectStore objects, IDataEngine engine)
{
    private const int MostShapes = 8;
    private const int MostPartitions = 90;
    private const string Informative = "classifier";

    /// <summary>Columns one by one with the method asked for, or <c>auto</c> where that looks at all together; and all together.</summary>
    public (DriftReport Columns, DatasetDrift? Together, bool Drifted) Compare(IDriftSource reference, IDriftSource current, DriftSettings settings, CancellationToken cancel)
    {
        catalogue.Check(settings.Method);
        var decides = catalogue.Dataset(settings.Method) is not null;
        var columns = detector.Compare(reference, current, decides ? settings with { Method = DriftSettings.Auto, Threshold = null } : settings, cancel);
        var together = detector.Compare(reference, current, decides ? settings : settings with { Method = Informative, Threshold = null }, cancel).Dataset;
        return (columns, together, decides ? together!.Drifted : columns.Drifted);
    }

    /// <summary>The one column of two tables.</summary>
    public DriftColumn CompareColumn(TableColumn reference, TableColumn current, CancellationToken cancel) =>
        detector.Compare(
            new TableSource(new Table(reference.Rows, [reference]), "the reference"), new TableSource(new Table(current.Rows, [current]), "the current data"), new DriftSettings { Distributions = true }, cancel).Columns[0];

    /// <summary>For the columns that drifted most: the distance of each partition from the reference, and the shape of that series.</summary>
    /// <param name="partitions">In the order of time; the last ones are looked at.</param>
    public async Task<IReadOnlyDictionary<string, DriftShape>> ShapesAsync(
        IDriftSource reference, DatasetDefinition dataset, IReadOnlyList<PartitionRecord> partitions, DriftReport report, CancellationToken cancel)
    {
        string[] names = [.. report.Columns.Where(c => dataset.Columns.Any(d => d.Name == c.Name) && c.Drifted && c.NotApplicable is null && c.Type != "timestamp").OrderByDescending(c => (c.Normalised ?? c.Statistic ?? 0) / (c.Threshold ?? 1)).Take(MostShapes).Select(c => c.Name)];
        var groups = partitions.GroupBy(p => p.Key, StringComparer.Ordinal).TakeLast(MostPartitions).ToArray();
        if (names.Length == 0 || groups.Length < ShapeFinder.LeastPoints) return new Dictionary<string, DriftShape>();

        var before = new TableSource(reference.Read(names, cancel), reference.Name);
        var series = names.ToDictionary(n => n, _ => new double?[groups.Length], StringComparer.Ordinal);
        ColumnDefinition[] columns = [.. names.Select(dataset.Column)];
        for (var i = 0; i < groups.Length; i++)
        {
            var after = await ReadAsync([.. groups[i]], columns, cancel);
            if (after.Rows == 0) continue;
            foreach (var column in Distances(before, new TableSource(after, groups[i].Key), cancel)) series[column.Name][i] = column.Normalised ?? column.Statistic;
        }

        string[] keys = [.. groups.Select(g => g.Key)];
        return series.ToDictionary(s => s.Key, s => ShapeFinder.Find(keys, s.Value), StringComparer.Ordinal);
    }

    // Effect sizes, so that partitions of different sizes are comparable.
    private IEnumerable<DriftColumn> Distances(IDriftSource reference, IDriftSource current, CancellationToken cancel)
    {
        var numeric = reference.Columns.Where(c => c.Type is ColumnType.Integer or ColumnType.Number).Select(c => c.Name).ToArray();
        var other = reference.Columns.Select(c => c.Name).Except(numeric).ToArray();
        var found = new List<DriftColumn>();
        foreach (var (names, method) in new[] { (numeric, "wasserstein"), (other, "js") })
        {
            try
            {
                if (names.Length > 0) found.AddRange(detector.Compare(reference, current, new DriftSettings { Columns = names, Method = method }, cancel).Columns);
            }
            catch (Exception e) when (e is DataException or RequestException)
            {
                continue; // a partition without a single value, or of a type that cannot be compared, has no distance
            }
        }

        return found;
    }

    private async Task<Table> ReadAsync(IReadOnlyList<PartitionRecord> partitions, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel)
    {
        var files = new List<LocalObject>(partitions.Count);
        try
        {
            foreach (var partition in partitions) files.Add(await objects.MaterialiseAsync(partition.Entry.Path, cancel));
            return await engine.ReadAsync([.. files.Select(f => f.Path)], columns, cancel);
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }
}
