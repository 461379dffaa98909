using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Alerts;
using Serverless.Datasets;

namespace Serverless.Rollouts;

/// <summary>Says how rollouts go, good and bad. Never throws: what cannot be said is logged.</summary>
internal sealed class RolloutSignals(ISignals? signals = null, ILogger<RolloutSignals>? logger = null)
{
    private readonly ILogger log = logger ?? NullLogger<RolloutSignals>.Instance;

    public Task SayAsync(string model, string name, bool bad, Severity severity, string message, DateTimeOffset at, string? period = null) => PublishAsync(new Signal
    {
        Kind = SignalKind.Rollout, Subject = model, Name = name, Bad = bad, Severity = severity, Message = message, At = at, Period = period,
    });

    private async Task PublishAsync(Signal signal)
    {
        if (signals is null) return;
        try
        {
            await signals.PublishAsync([signal]).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            AlertsLog.NotPublished(log, $"the rollout of '{signal.Subject}'", e);
        }
    }
}
