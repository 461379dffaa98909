namespace Serverless.Training;

/// <summary>Seconds by stage, in the order in which the stages first came.</summary>
internal sealed class StageClock(TimeProvider time)
{
    private readonly Dictionary<string, double> seconds = new(StringComparer.Ordinal);
    private readonly long begun = time.GetTimestamp();
    private long last = time.GetTimestamp();

    /// <summary>Ends a stage: the time since the one before.</summary>
    public void Done(string stage)
    {
        var now = time.GetTimestamp();
        seconds[stage] = seconds.GetValueOrDefault(stage) + Math.Round(time.GetElapsedTime(last, now).TotalSeconds, 4);
        last = now;
    }

    public IReadOnlyDictionary<string, double> Timings() =>
        new Dictionary<string, double>(seconds) { ["total"] = Math.Round(time.GetElapsedTime(begun).TotalSeconds, 4) };
}
