using Serverless.Datasets;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Problems;

namespace Serverless.Training;

/// <summary>Which time a training looks at. All ends are exclusive.</summary>
internal sealed record TrainingWindow(DateTimeOffset TrainFrom, DateTimeOffset HoldoutFrom, DateTimeOffset Until)
{
    /// <summary>Counted back from the end of the newest data.</summary>
    public static TrainingWindow Of(ModelDefinition model, DateTimeOffset until, DateTimeOffset first) =>
        new(model.Window is { } window && until - first > window ? until - window : first, until - model.Holdout, until);

    /// <exception cref="DataException">Not a key of a partition with rows.</exception>
    public static (DateTimeOffset From, DateTimeOffset To) Period(string key) =>
        PartitionKey.Period(key) ?? throw new DataException($"'{key}' is not the key of a partition; expected a day (2001-01-05), a month (2001-01) or an hour (2001-01-05T13)");

    /// <summary>Partitions that the window may touch, in their order; the end is known exactly only once a month's rows have been read.</summary>
    public static IReadOnlyList<PartitionRecord> Select(IReadOnlyList<PartitionRecord> partitions, ModelDefinition model)
    {
        if (model.Window is not { } window) return partitions;
        var newest = partitions.Max(p => Period(p.Key).From);
        var end = partitions.Max(p => Period(p.Key).To);
        var exact = partitions.All(p => p.Key.Length != 7);
        var from = (exact ? end : newest) - window;
        return [.. partitions.Where(p => Period(p.Key).To > from)];
    }

    /// <summary>The end of the newest data: of its period; where a period is a month, of the newest row's day, because a month may have only begun.</summary>
    public static DateTimeOffset End(DatasetDefinition dataset, IReadOnlyList<PartitionRecord> partitions, long newestTicks)
    {
        var end = partitions.Max(p => Period(p.Key).To);
        if (dataset.Partition is not { Column: not null, Grain: PartitionGrain.Month }) return end;
        var day = new DateTimeOffset(new DateTime(newestTicks, DateTimeKind.Utc).Date, TimeSpan.Zero).AddDays(1);
        return day < end ? day : end;
    }
}
