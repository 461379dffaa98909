using Serverless.Partitions;

namespace Serverless.Arrival;

/// <summary>What a dataset's history says about when data came. Corrections do not count as a first arrival.</summary>
internal sealed class StoredData
{
    private readonly IReadOnlyList<Commit> commits;
    private readonly ArrivalCalendar calendar;
    private readonly SortedList<DateTimeOffset, Commit> first = [];

    public StoredData(IReadOnlyList<Commit> commits, ArrivalCalendar calendar)
    {
        (this.commits, this.calendar) = (commits, calendar);
        foreach (var commit in commits)
        {
            foreach (var partition in commit.Partitions)
            {
                if (PartitionKey.Period(partition.Key) is not { } period) continue;
                first.TryAdd(period.Start, commit);
                if (Newest is not null && period.Start <= NewestStart) continue;
                (Newest, NewestStart) = (partition.Key, period.Start);
            }
        }
    }

    /// <summary>Key of the newest partition.</summary>
    public string? Newest { get; }

    public DateTimeOffset NewestStart { get; }

    /// <summary>The commit that first brought data of a period; null when none did.</summary>
    /// <param name="after">By time of storing: a version that another period is credited with, and those before it, do not count.</param>
    public Commit? Of(ExpectedPeriod period, int after)
    {
        if (!calendar.ByPartition) return commits.FirstOrDefault(c => c.Version > after && c.WrittenAt > period.Due - calendar.Every);
        var (low, high) = (0, first.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (first.Keys[middle] < period.Start) low = middle + 1;
            else high = middle;
        }

        Commit? earliest = null;
        for (; low < first.Count && first.Keys[low] < period.End; low++)
        {
            if (earliest is null || first.Values[low].Version < earliest.Version) earliest = first.Values[low];
        }

        return earliest;
    }
}
