using System.Diagnostics.Metrics;

namespace Serverless.Alerts;

/// <summary>Metrics of alerts, under the name that every part of the system uses: <c>Serverless</c>.</summary>
internal static class AlertTelemetry
{
    private static readonly Meter Meter = new("Serverless");
    private static readonly Counter<long> Fired = Meter.CreateCounter<long>("serverless.alerts.fired", "{alert}", "Alerts that began to fire, by severity and rule");
    private static readonly Counter<long> Resolved = Meter.CreateCounter<long>("serverless.alerts.resolved", "{alert}", "Alerts that ended, by rule");
    private static readonly Counter<long> Notifications = Meter.CreateCounter<long>("serverless.alerts.notifications", "{attempt}", "Attempts to tell somebody, by channel and outcome");

    public static void AlertFired(Alert alert) => Fired.Add(1, new("severity", alert.Severity.ToString().ToLowerInvariant()), new("rule", alert.Rule));

    public static void AlertResolved(Alert alert) => Resolved.Add(1, new KeyValuePair<string, object?>("rule", alert.Rule));

    public static void Attempted(string channel, string outcome) => Notifications.Add(1, new("channel", channel), new("outcome", outcome));
}
