using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Serverless.Scoring;

/// <summary>Counts what could not be kept, and says so: to the log once a minute, to whoever has to know when it begins and when it ends.</summary>
internal sealed partial class LogTrouble(TimeProvider time, ILogger logger, ServingSignals? signals)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);
    private static readonly Meter Meter = new("Serverless.Scoring");
    private static readonly Counter<long> NotLogged = Meter.CreateCounter<long>("serverless.predictions.dropped", description: "Predictions whose record was not kept.");

    private readonly Lock gate = new();
    private readonly HashSet<string> failing = new(StringComparer.Ordinal);
    private long dropped;
    private long signalled;
    private long reported;
    private DateTimeOffset? lastReport;

    // What was dropped when the present trouble began; null while there is none.
    private long? troubledFrom;

    public long Dropped => Interlocked.Read(ref dropped);

    public void Drop(string model, int rows)
    {
        Interlocked.Add(ref dropped, rows);
        NotLogged.Add(rows, new KeyValuePair<string, object?>("model", model));
    }

    /// <summary>How it went for models that were written just now.</summary>
    /// <param name="failed">Those of them that the store did not take.</param>
    /// <param name="waiting">Rows that wait for the store.</param>
    public void Wrote(IReadOnlyCollection<string> models, IReadOnlyCollection<string> failed, Exception? error, Func<int> waiting)
    {
        // Nothing to say, as nearly always.
        if (failed.Count == 0 && troubledFrom is null && Dropped == Interlocked.Read(ref signalled)) return;
        lock (gate)
        {
            failing.ExceptWith(models);
            failing.UnionWith(failed);
            var (total, before) = (Dropped, signalled);
            signalled = total;
            if (failed.Count > 0 || total > before) Report(error, waiting);
            if (failing.Count == 0 && total == before && troubledFrom is { } from)
            {
                troubledFrom = null;
                signals?.LogIsWell(models, total - from);
            }
            else if ((failing.Count > 0 || total > before) && troubledFrom is null)
            {
                troubledFrom = before;
                signals?.LogInTrouble(failed.Count > 0 ? failed : models, total - before);
            }
        }
    }

    private void Report(Exception? error, Func<int> waiting)
    {
        var now = time.GetUtcNow();
        if (lastReport is { } last && now - last < ReportEvery) return;
        lastReport = now;
        var total = Dropped;
        LogTroubled(error, waiting(), total - reported, total);
        reported = total;
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message =
        "The prediction log cannot be written: {Waiting} predictions wait in memory, {NewlyDropped} were dropped since the last report ({Dropped} in all). Buffered models go on answering, durable ones refuse. Free space or mend the store; waiting predictions are stored then.")]
    private partial void LogTroubled(Exception? error, int waiting, long newlyDropped, long dropped);
}
