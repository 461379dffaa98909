namespace Serverless.Scoring;

public sealed record ModelHostOptions
{
    /// <summary>How often aliases are looked at for moves made by other processes. Moves made by this process are seen at once.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a version that could not be loaded is left alone before it is tried again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);
}
