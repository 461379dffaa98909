using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Alerts;
using Serverless.Datasets;

namespace Serverless.Runs;

/// <summary>Says that a run failed for good, or that one of its kind ended well after all.</summary>
internal sealed class RunSignals(ISignals signals, ILogger<RunSignals>? logger = null)
{
    private readonly ILogger log = logger ?? NullLogger<RunSignals>.Instance;

    /// <summary>Never throws: the run has ended, whoever hears of it.</summary>
    public async Task EndedAsync(RunRecord run)
    {
        try
        {
            var failed = run.Status == RunStatus.Failed;
            await signals.PublishAsync([new Signal
            {
                Kind = SignalKind.RunFailed, Subject = run.Subject, Name = run.Kind, Bad = failed, Severity = Severity.Error, At = run.UpdatedAt, Run = run.Id,
                Message = failed ? $"{run.Kind} of {run.Subject} failed in state '{run.State}': {run.Reason}" : $"{run.Kind} of {run.Subject} ended as {run.Status.ToString().ToLowerInvariant()}",
            }]).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            AlertsLog.NotPublished(log, $"the end of run {run.Id}", e);
        }
    }
}
