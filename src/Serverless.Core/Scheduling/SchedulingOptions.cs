namespace Serverless.Scheduling;

/// <summary>Intervals of the background host.</summary>
public sealed record SchedulingOptions
{
    /// <summary>Steps of runs at the same time in this process.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Steps more that may be under way while others wait for a source to answer.</summary>
    public int Substitutes { get; init; } = 16;

    /// <summary>Longest pause of a worker that found no message.</summary>
    public TimeSpan WorkPoll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a step may go on after the host was asked to stop; then it is cancelled, and repeated elsewhere.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often landing is looked at.</summary>
    public TimeSpan WatchEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A file in the inbox folder is taken when it was last written at least so long ago, and is the same as at the look before.</summary>
    public TimeSpan Rests { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often retraining is thought about.</summary>
    public TimeSpan TickEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>New data count once nothing was added to the dataset for so long, so that ten drops at once make one training.</summary>
    public TimeSpan Settles { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often runs that lost their message are looked for.</summary>
    public TimeSpan RecoverEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one process has a model's decision to itself.</summary>
    public TimeSpan DecisionLease { get; init; } = TimeSpan.FromMinutes(1);
}
