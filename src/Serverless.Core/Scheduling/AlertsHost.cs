using Microsoft.Extensions.Logging;
using Serverless.Alerts;

namespace Serverless.Scheduling;

/// <summary>Takes in signals and sends messages, beside everything else: a channel that hangs holds up no run.</summary>
internal sealed class AlertsHost(IAlertWorker alerts, AlertOptions options, TimeProvider time, ILogger<AlertsHost>? logger = null) : TickingHost("the alerts", options.TickEvery, time, logger)
{
    protected override Task TickAsync(CancellationToken cancel) => alerts.TickAsync(cancel);
}
