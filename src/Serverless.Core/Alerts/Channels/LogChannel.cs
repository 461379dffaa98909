using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Datasets;

namespace Serverless.Alerts;

/// <summary>The log of the process, as a structured event; on Azure, Application Insights. It always takes the message.</summary>
internal sealed class LogChannel(ILogger<LogChannel>? logger = null) : IAlertChannel
{
    private readonly ILogger log = logger ?? NullLogger<LogChannel>.Instance;

    public string Kind => AlertSettings.LogChannel;

    public IReadOnlyList<ChannelKey> Keys => [];

    public Task SendAsync(ChannelDefinition channel, AlertMessage message, CancellationToken cancel)
    {
        var (text, kind, severity) = (message.OneLine, message.Kind.ToString().ToLowerInvariant(), message.Severity.ToString().ToLowerInvariant());
        if (message.Kind is NotificationKind.Resolved or NotificationKind.Test || message.Severity == Severity.Info) AlertsLog.ToldInfo(log, text, kind, severity, message.Id);
        else if (message.Severity == Severity.Warning) AlertsLog.ToldWarning(log, text, kind, severity, message.Id);
        else if (message.Severity == Severity.Error) AlertsLog.ToldError(log, text, kind, severity, message.Id);
        else AlertsLog.ToldCritical(log, text, kind, severity, message.Id);
        return Task.CompletedTask;
    }
}
