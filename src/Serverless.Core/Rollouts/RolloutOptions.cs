namespace Serverless.Rollouts;

public sealed record RolloutOptions
{
    /// <summary>How often flags are looked at for changes.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a process says what it counted.</summary>
    public TimeSpan CountEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A server begins to answer after so long even when the flags did not come.</summary>
    public TimeSpan FirstLook { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a challenger may take for a request; then the champion answers, and this process asks the challenger no more.</summary>
    public TimeSpan ChallengerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Requests that may wait for a shadow to answer them in the dark; more are left out and counted.</summary>
    public int ShadowQueue { get; init; } = 1024;

    /// <summary>Bytes that these may have together.</summary>
    public int ShadowBytes { get; init; } = 16 * 1024 * 1024;
}
