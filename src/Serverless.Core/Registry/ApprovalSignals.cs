using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Alerts;
using Serverless.Datasets;

namespace Serverless.Registry;

/// <summary>Says that a person has decided about a version that waited, so that the alert about the waiting ends.</summary>
internal sealed class ApprovalSignals(ISignals signals, ILogger<ApprovalSignals>? logger = null)
{
    private readonly ILogger log = logger ?? NullLogger<ApprovalSignals>.Instance;

    /// <summary>Never throws: the decision stands.</summary>
    public async Task DecidedAsync(AuditEntry entry)
    {
        try
        {
            await signals.PublishAsync([new Signal
            {
                Kind = SignalKind.Gate, Subject = entry.Model, Name = "approval", Bad = false, Severity = Severity.Warning, At = entry.At, Message = $"version {entry.Version} was {entry.Action} by {entry.By}: {entry.Comment}",
            }]);
        }
        catch (Exception e)
        {
            AlertsLog.NotPublished(log, $"the decision about version {entry.Version} of '{entry.Model}'", e);
        }
    }
}
