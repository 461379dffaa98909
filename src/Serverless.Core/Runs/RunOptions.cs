namespace Serverless.Runs;

/// <summary>Times of the runs engine.</summary>
public sealed record RunOptions
{
    /// <summary>How long a step that gives no sign of life keeps others away: after a crash, another process goes on this much later.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a running step renews its hold and its message.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wait before the second attempt of a step; doubled for each further one.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a step may be begun without an outcome before the run fails.</summary>
    public int MaxFailures { get; init; } = Storage.IWorkQueue.MaxDeliveries;

    /// <summary>First wait of a worker for its surroundings (a full disk, a missing library) to be mended; doubled up to <see cref="MendLongest"/>.</summary>
    public TimeSpan MendFirst { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan MendLongest { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Attempts after which waiting for that ends and the run fails: about a day.</summary>
    public int MendAttempts { get; init; } = 150;

    /// <summary>A running run that nothing happened to for so long has lost its message.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How far back lost runs are looked for.</summary>
    public TimeSpan RecoverWithin { get; init; } = TimeSpan.FromDays(14);

    internal TimeSpan MendAfter(int attempt) => TimeSpan.FromTicks(Math.Min(MendLongest.Ticks, MendFirst.Ticks << Math.Clamp(attempt - 1, 0, 10)));

    internal TimeSpan BackoffAfter(int failures) => Backoff * Math.Pow(2, Math.Clamp(failures - 1, 0, 5));
}
