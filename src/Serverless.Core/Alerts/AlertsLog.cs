using Microsoft.Extensions.Logging;

namespace Serverless.Alerts;

/// <summary>What becomes of alerts, as structured events: dashboards and action groups can be built on their ids.</summary>
internal static partial class AlertsLog
{
    [LoggerMessage(1200, LogLevel.Information, "Alert {Alert} ({Severity}) fires: {Title}")]
    public static partial void Fires(ILogger logger, string alert, string severity, string title);

    [LoggerMessage(1201, LogLevel.Information, "Alert {Alert} is over: {Title}")]
    public static partial void Over(ILogger logger, string alert, string title);

    [LoggerMessage(1202, LogLevel.Debug, "Notification {Notification} was sent to {Channel}")]
    public static partial void Sent(ILogger logger, string notification, string channel);

    [LoggerMessage(1203, LogLevel.Warning, "Notification {Notification} could not be sent to {Channel} (attempt {Attempt}), the next attempt is at {Next:u}: {Reason}")]
    public static partial void NotSent(ILogger logger, string notification, string channel, int attempt, DateTimeOffset next, string reason);

    [LoggerMessage(1204, LogLevel.Error, "Notification {Notification} to {Channel} was given up after {Attempt} attempts: {Reason}. 'serverless-ml alerts test {Channel}' tries the channel, 'serverless-ml alerts retry {Alert}' sends it again")]
    public static partial void GivenUp(ILogger logger, string notification, string channel, int attempt, string reason, string alert);

    [LoggerMessage(1205, LogLevel.Error, "Alerts could not be worked on this time; nothing is lost")]
    public static partial void TickFailed(ILogger logger, Exception exception);

    [LoggerMessage(1206, LogLevel.Warning, "Signals are left for another version of this program: {Reason}")]
    public static partial void SignalUnread(ILogger logger, string reason);

    [LoggerMessage(1207, LogLevel.Warning, "What was observed could not be published for alerts: {What}")]
    public static partial void NotPublished(ILogger logger, string what, Exception exception);

    [LoggerMessage(1208, LogLevel.Warning, "Alert {Alert} is left alone: {Reason}")]
    public static partial void AlertUnread(ILogger logger, string alert, string reason);

    [LoggerMessage(1210, LogLevel.Information, "{Text} ({Kind} {Severity}, message {Notification})")]
    public static partial void ToldInfo(ILogger logger, string text, string kind, string severity, string notification);

    [LoggerMessage(1211, LogLevel.Warning, "{Text} ({Kind} {Severity}, message {Notification})")]
    public static partial void ToldWarning(ILogger logger, string text, string kind, string severity, string notification);

    [LoggerMessage(1212, LogLevel.Error, "{Text} ({Kind} {Severity}, message {Notification})")]
    public static partial void ToldError(ILogger logger, string text, string kind, string severity, string notification);

    [LoggerMessage(1213, LogLevel.Critical, "{Text} ({Kind} {Severity}, message {Notification})")]
    public static partial void ToldCritical(ILogger logger, string text, string kind, string severity, string notification);
}
