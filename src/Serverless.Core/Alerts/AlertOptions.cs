namespace Serverless.Alerts;

/// <summary>Times and bounds of alerts.</summary>
public sealed record AlertOptions
{
    /// <summary>Between two messages of one alert at least, unless it became worse: what fails together is told together.</summary>
    internal static readonly TimeSpan Gather = TimeSpan.FromMinutes(5);

    /// <summary>Finished notifications that an alert remembers.</summary>
    internal const int KeptNotifications = 40;

    /// <summary>How often <c>up</c> looks.</summary>
    public TimeSpan TickEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a command that is about to end goes on sending.</summary>
    public TimeSpan FinishWithin { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Attempts at a message before it is given up: with the waits between them, more than a day.</summary>
    public int MaxAttempts { get; init; } = 14;

    /// <summary>Wait after the first failed attempt; doubled for each further one, up to <see cref="RetryLongest"/>.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan RetryLongest { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How long a process that died while sending keeps others from sending the message again.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest that one message may take, whatever the channel says.</summary>
    public static TimeSpan LongestSend { get; } = TimeSpan.FromSeconds(60);
}
