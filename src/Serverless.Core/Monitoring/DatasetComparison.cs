using System.Globalization;
using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Monitoring;

/// <summary>Compares two windows of one dataset. Stores nothing.</summary>
public interface IDatasetDrift
{
    /// <exception cref="DataException">There are not enough partitions for two windows.</exception>
    Task<MonitorReport> CompareAsync(string dataset, WindowRequest request, DriftSettings settings, CancellationToken cancel = default);
}

/// <summary>Which windows. What is left out follows: the current window ends with the newest data, the reference ends where the current begins, both are as long as <see cref="Length"/>.</summary>
public sealed record WindowRequest
{
    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public DateTimeOffset? ReferenceFrom { get; init; }

    public DateTimeOffset? ReferenceTo { get; init; }

    /// <summary>Null = a day of hours, a week of days, three months.</summary>
    public TimeSpan? Length { get; init; }
}

internal sealed class DatasetComparison(Workspace workspace, IDatasetHistory history, IObjectStore objects, IDataEngine engine, WindowComparison comparison, TimeProvider time) : IDatasetDrift
{
    public async Task<MonitorReport> CompareAsync(string dataset, WindowRequest request, DriftSettings settings, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        var all = (await history.PartitionsAsync(dataset, null, cancel)).Where(p => PartitionKey.Period(p.Key) is not null).ToArray();
        if (all.Length == 0) throw new DataException($"dataset '{dataset}' has no partitions yet: ingest a drop first (serverless-ml ingest {dataset} FILE).");
        var end = all.Max(p => PartitionKey.Period(p.Key)!.Value.End);
        var length = Whole(request.Length ?? Usual(definition.Partition.Grain));
        var to = request.To ?? end;
        var from = request.From ?? Back(to, length, definition.Partition.Grain);
        var referenceTo = request.ReferenceTo ?? from;
        var referenceFrom = request.ReferenceFrom ?? Back(referenceTo, length, definition.Partition.Grain);
        if (from >= to || referenceFrom >= referenceTo) throw new RequestException($"a window ends after it begins: the current is {Day(from)} to {Day(to)}, the reference {Day(referenceFrom)} to {Day(referenceTo)}.");

        using var current = await OpenAsync("the current window", definition, all, from, to, cancel);
        using var reference = await OpenAsync("the window before", definition, all, referenceFrom, referenceTo, cancel);
        return await Task.Run(async () =>
        {
            var (columns, together, drifted) = comparison.Compare(reference.Source, current.Source, settings, cancel);
            return new MonitorReport
            {
                Dataset = dataset,
                At = time.GetUtcNow(),
                Basis = MonitorBasis.Windows,
                Reference = reference.Facts,
                Current = current.Facts,
                Drifted = drifted,
                Reasons = drifted ? [DriftReasons.Data(columns, together, settings)] : [],
                Multivariate = together,
                Shapes = await comparison.ShapesAsync(reference.Source, definition, [.. all.Where(p => PartitionKey.Period(p.Key)!.Value.Start < to)], columns, cancel),
                Share = columns.Share, ShareThreshold = columns.ShareThreshold, Method = settings.Method, Columns = columns.Columns, Correction = columns.Correction,
                CorrectedTests = columns.CorrectedTests, OnlyInReference = columns.OnlyInReference, OnlyInCurrent = columns.OnlyInCurrent, UpstreamChanges = columns.UpstreamChanges,
            };
        }, cancel);
    }

    private async Task<PartitionWindow> OpenAsync(string name, DatasetDefinition dataset, PartitionRecord[] all, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var partitions = PartitionWindow.Overlapping(all, from, to);
        return partitions.Count > 0 ? await PartitionWindow.OpenAsync(name, dataset, partitions, from, to, objects, engine, cancel)
            : throw new DataException($"dataset '{dataset.Name}' has no data in {name} ({Day(from)} to {Day(to)}); it has partitions from {all[0].Key} to {all[^1].Key}. Shorten --window, or name the windows with --from, --to, --reference-from and --reference-to.");
    }

    private static TimeSpan Usual(PartitionGrain grain) => grain switch { PartitionGrain.Hour => TimeSpan.FromDays(1), PartitionGrain.Day => TimeSpan.FromDays(7), _ => TimeSpan.FromDays(90) };

    private static TimeSpan Whole(TimeSpan length) => length > TimeSpan.Zero ? length : throw new RequestException("a window is longer than zero.");

    // Of months whole months are taken, so that no partition is cut.
    private static DateTimeOffset Back(DateTimeOffset end, TimeSpan length, PartitionGrain grain) =>
        grain == PartitionGrain.Month && length >= TimeSpan.FromDays(28) ? end.AddMonths(-Math.Max(1, (int)Math.Round(length.TotalDays / 30.4))) : end - length;

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString(at.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
}
