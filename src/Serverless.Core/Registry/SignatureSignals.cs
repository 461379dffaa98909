using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Alerts;
using Serverless.Datasets;

namespace Serverless.Registry;

/// <summary>Tells people about versions that nobody answers for. Never waits and never throws.</summary>
internal sealed class SignatureSignals(ISignals signals, TimeProvider time, ILogger<SignatureSignals>? logger = null)
{
    private readonly ILogger log = logger ?? NullLogger<SignatureSignals>.Instance;

    /// <summary>Somebody tried to make such a version champion.</summary>
    public void Refused(string model, int version, string why) => Publish(model, Severity.Critical, $"version {version} was refused as champion: {why}");

    /// <summary>Such a version is served, because the workspace only warns.</summary>
    public void Unsigned(string model, int version) => Publish(model, Severity.Warning, $"version {version} has no signature and is taken all the same, because signing: in serverless.yaml says warn");

    private void Publish(string model, Severity severity, string message) => _ = Task.Run(async () =>
    {
        try
        {
            await signals.PublishAsync([new Signal
            {
                Kind = SignalKind.Serving, Subject = model, Name = "signature", Bad = true, Severity = severity, At = time.GetUtcNow(), Message = message,
            }]).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            AlertsLog.NotPublished(log, $"the signature of '{model}'", e);
        }
    });
}
