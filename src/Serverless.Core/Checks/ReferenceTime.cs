using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Times in microseconds since 1970, as states keep them.</summary>
public static class ReferenceTime
{
    public static double Of(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerMicrosecond;

    /// <summary>End of the period that starts then.</summary>
    public static double End(long start, PartitionGrain grain)
    {
        var begins = new DateTimeOffset(DateTime.UnixEpoch.AddTicks(start * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
        return Of(grain switch
        {
            PartitionGrain.Hour => begins.AddHours(1),
            PartitionGrain.Month => begins.AddMonths(1),
            _ => begins.AddDays(1),
        });
    }
}
