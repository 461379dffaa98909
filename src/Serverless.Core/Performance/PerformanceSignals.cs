using Serverless.Feedback;
using System.Globalization;
using Serverless.Alerts;
using Serverless.Datasets;

namespace Serverless.Performance;

/// <summary>What outcomes say to those who should know, good and bad.</summary>
internal static class PerformanceSignals
{
    private const double ManyUnmatched = 0.05;

    public static IReadOnlyList<Signal> Of(RealisedSummary summary, string run, DateTimeOffset at)
    {
        var signals = new List<Signal>();
        var period = string.Create(CultureInfo.InvariantCulture, $"{summary.From.UtcDateTime:yyyy-MM-dd}..{summary.To.UtcDateTime:yyyy-MM-dd}");
        if (summary.Drift is { AtTraining: { } trained } drift)
        {
            signals.Add(new Signal
            {
                Kind = SignalKind.Drift, Subject = summary.Model, Name = $"realised({drift.Metric})", Period = period, Bad = drift.Drifted, Severity = Severity.Error, Value = drift.Realised,
                Expectation = string.Create(CultureInfo.InvariantCulture, $"as at training, {trained:0.####}, but for chance"), Message = drift.Message, At = at, Run = run,
            });
        }

        signals.AddRange(summary.Anomalies.Where(a => a.NotApplicable is null).Select(a => new Signal
        {
            Kind = SignalKind.Anomaly, Subject = summary.Model, Name = $"realised({a.Metric})", Period = a.Period, Bad = a.Anomalous, Severity = a.Severity, Value = a.Value, At = at, Run = run,
            Expectation = string.Create(CultureInfo.InvariantCulture, $"{a.Strategy}: {a.Lower:0.####} to {a.Upper:0.####}"),
            Message = string.Create(CultureInfo.InvariantCulture, $"{a.Metric} of the predictions of {a.Period} came true as {a.Value:0.####}{(a.Anomalous ? ", which does not fit the days before" : "")}"),
        }));
        if (summary.Unmatched.Events > 0)
        {
            var lost = summary.Unmatched;
            signals.Add(new Signal
            {
                Kind = SignalKind.Serving, Subject = summary.Model, Name = "feedback-unmatched", Bad = lost.Overdue > 0, Severity = lost.Overdue > ManyUnmatched * lost.Events ? Severity.Warning : Severity.Info, Value = lost.Overdue,
                Message = lost.Overdue == 0 ? "all feedback found its prediction" : $"{lost.Overdue} of {lost.Events} pieces of feedback are about predictions that are not in the log, such as {string.Join(", ", lost.Examples.Take(3))}", At = at, Run = run,
            });
        }

        return signals;
    }

    /// <summary>Of feedback that names a prediction and no model, where there are several models. Null when none ever came.</summary>
    public static Signal? Unassigned(UnmatchedFeedback waits, string run, DateTimeOffset at) => waits.Events == 0 ? null : new Signal
    {
        Kind = SignalKind.Serving, Subject = FeedbackStreams.Unassigned, Name = "feedback-unmatched", Bad = waits.Overdue > 0, Severity = waits.Overdue > ManyUnmatched * waits.Events ? Severity.Warning : Severity.Info,
        Value = waits.Overdue, Message = waits.Waiting == 0 ? "all feedback that names no model found its prediction" : waits.Overdue == 0 ? $"{waits.Waiting} of {waits.Events} pieces of feedback that name no model wait for their prediction, none for long" : Words(waits.Overdue, waits), At = at, Run = run,
    };

    public static string Words(int count, UnmatchedFeedback waits) =>
        $"{count} of {waits.Events} pieces of feedback that name a prediction and no model found none: no model has it in its log, or does not answer what is said to have come true; such as {string.Join(", ", waits.Examples.Take(3))}";
}
