using Microsoft.Extensions.Logging;

namespace Serverless.Runs;

internal static partial class RunLog
{
    [LoggerMessage(1000, LogLevel.Information, "Run {Run} started for {Subject}")]
    public static partial void Started(ILogger logger, string run, string subject);

    [LoggerMessage(1001, LogLevel.Information, "Run {Run} went from {From} to {To} in {Seconds:F3} s")]
    public static partial void Moved(ILogger logger, string run, string from, string to, double seconds);

    [LoggerMessage(1002, LogLevel.Information, "Run {Run} waits in {State} for {Delay}: {Reason}")]
    public static partial void Waits(ILogger logger, string run, string state, TimeSpan delay, string? reason);

    [LoggerMessage(1003, LogLevel.Information, "Run {Run} was refused in {State}: {Reason}")]
    public static partial void Refused(ILogger logger, string run, string state, string? reason);

    [LoggerMessage(1004, LogLevel.Error, "Run {Run} failed in {State}: {Reason}")]
    public static partial void Failed(ILogger logger, string run, string state, string? reason);

    /// <summary>As <see cref="Failed"/>, where a person waits and is told by whoever asked for the run.</summary>
    [LoggerMessage(1011, LogLevel.Information, "Run {Run} failed in {State}: {Reason}")]
    public static partial void FailedBeforeEyes(ILogger logger, string run, string state, string? reason);

    [LoggerMessage(1005, LogLevel.Warning, "Attempt {Attempt} of run {Run} in {State} failed and will be repeated")]
    public static partial void Faulted(ILogger logger, string run, string state, int attempt, Exception exception);

    [LoggerMessage(1006, LogLevel.Information, "Run {Run} is moved by somebody else; this attempt is dropped")]
    public static partial void Lost(ILogger logger, string run);

    [LoggerMessage(1007, LogLevel.Warning, "Run {Run} could not renew its hold; trying again")]
    public static partial void HeartbeatMissed(ILogger logger, string run, Exception exception);

    [LoggerMessage(1008, LogLevel.Error, "A message was set aside as poison: {Body}: {Reason}")]
    public static partial void Poison(ILogger logger, string body, string reason);

    [LoggerMessage(1009, LogLevel.Warning, "Run {Run} was left without a message in {State}; a new one was sent")]
    public static partial void Recovered(ILogger logger, string run, string state);

    [LoggerMessage(1010, LogLevel.Warning, "The message for run {Run} is left for another process: {Reason}")]
    public static partial void NotOurs(ILogger logger, string run, string reason);
}
