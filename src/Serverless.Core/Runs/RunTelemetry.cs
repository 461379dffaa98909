using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Serverless.Runs;

/// <summary>Traces and metrics of runs, under the name that every part of the system uses: <c>Serverless</c>.</summary>
internal static class RunTelemetry
{
    private static readonly ActivitySource Source = new("Serverless");
    private static readonly Meter Meter = new("Serverless");
    private static readonly Counter<long> Started = Meter.CreateCounter<long>("serverless.runs.started", "{run}", "Runs started");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("serverless.runs.ended", "{run}", "Runs ended, by status");
    private static readonly Histogram<double> Steps = Meter.CreateHistogram<double>("serverless.runs.step.duration", "s", "Time that steps of runs took");

    public static void RunStarted(string kind) => Started.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public static void RunEnded(RunRecord run) =>
        Ended.Add(1, new KeyValuePair<string, object?>("kind", run.Kind), new KeyValuePair<string, object?>("status", run.Status.ToString().ToLowerInvariant()));

    public static void StepTaken(RunRecord run, TimeSpan took) =>
        Steps.Record(took.TotalSeconds, new KeyValuePair<string, object?>("kind", run.Kind), new KeyValuePair<string, object?>("state", run.State));

    public static Activity? Step(RunRecord run)
    {
        var activity = Source.StartActivity($"{run.Kind} {run.State}");
        activity?.SetTag("run.id", run.Id).SetTag("run.kind", run.Kind).SetTag("run.state", run.State).SetTag("run.attempt", run.Attempt).SetTag("run.subject", run.Subject);
        return activity;
    }
}
