using Serverless.Alerts;
using Serverless.Datasets;

namespace Serverless.Core.Tests.Alerts;

/// <summary>Messages as the dispatcher makes them.</summary>
internal static class Messages
{
    private static readonly AlertSettings Settings = AlertBench.Routed(AlertRule.BuiltIn);

    public static Alert Alert(string? text = null, int signals = 1, Severity severity = Severity.Error)
    {
        Alert? alert = null;
        for (var i = 0; i < signals; i++)
        {
            alert = AlertMachine.Apply(alert, AlertRule.BuiltIn, new Signal
            {
                Kind = SignalKind.Check, Subject = "flights", Name = i == 0 ? "completeness(delay)" : $"mean(column_{i})", Period = "2001-01-05", Bad = true, Severity = severity, Value = 0.61,
                Expectation = "completeness(delay) >= 0.95", Message = text ?? "39 % of the delays are empty", At = AlertBench.Noon, Run = "ingest-20260302115958-4k2m9x",
            }, AlertBench.Noon);
        }

        return AlertMachine.Plan(alert!, AlertRule.BuiltIn, Settings, AlertBench.Noon) with { Id = "flights-check-3f2a91", Incident = "inc-20260302120000-3f2a91" };
    }

    public static AlertMessage Firing(string? text = null, int signals = 1, Severity severity = Severity.Error)
    {
        var alert = Alert(text, signals, severity);
        return AlertMessage.Of("airline", alert, alert.Notifications[0] with { Id = "flights-check-3f2a91.1" }, AlertBench.Noon.AddMinutes(2));
    }

    public static AlertMessage Over()
    {
        var alert = Alert();
        alert = AlertMachine.Apply(alert, AlertRule.BuiltIn, new Signal
        {
            Kind = SignalKind.Check, Subject = "flights", Name = "completeness(delay)", Period = "2001-01-06", Bad = false, Severity = Severity.Error, Message = "fine", At = AlertBench.Noon.AddHours(3),
        }, AlertBench.Noon.AddHours(3))!;
        alert = AlertMachine.Plan(alert, AlertRule.BuiltIn, Settings, AlertBench.Noon.AddHours(3));
        return AlertMessage.Of("airline", alert, alert.Notifications[^1], AlertBench.Noon.AddHours(3));
    }
}
