using System.Collections.Concurrent;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Feedback;

/// <summary>
/// Stores feedback before it is acknowledged. Whoever comes while the store is busy waits together and is stored together, so that many callers cost few writes. A file grows until its hour is
/// over or it has enough lines; readers see whole lines only, because the store replaces an object as a whole.
/// </summary>
internal sealed class FeedbackLog(IObjectStore objects, IdSource ids, FeedbackOptions options)
{
    private readonly ConcurrentDictionary<string, OpenFeedbackFile> files = new(StringComparer.Ordinal);

    /// <summary>Stored when this returns.</summary>
    /// <exception cref="EnvironmentException">The store did not take it: none of it is acknowledged.</exception>
    public Task AppendAsync(string stream, IReadOnlyList<FeedbackEvent> events, DateTimeOffset now, CancellationToken cancel) =>
        files.GetOrAdd(stream, s => new OpenFeedbackFile(s, objects, ids, options)).AppendAsync(events, now).WaitAsync(cancel);
}

/// <summary>The open file of one stream. One write at a time; what comes meanwhile is the next write.</summary>
internal sealed class OpenFeedbackFile(string stream, IObjectStore objects, IdSource ids, FeedbackOptions options)
{
    private readonly Lock gate = new();
    private readonly MemoryStream open = new();
    private List<Waiting> waiting = [];
    private long waitingBytes;
    private bool busy;
    private string? key;
    private DateTimeOffset hour;
    private int lines;

    public Task AppendAsync(IReadOnlyList<FeedbackEvent> events, DateTimeOffset now)
    {
        var mine = new Waiting(FeedbackStreams.Lines(events), events.Count, now, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (gate)
        {
            if (waitingBytes + mine.Bytes.Length > options.MaxWaiting && waiting.Count > 0) throw new EnvironmentException("feedback comes faster than the store takes it; nothing of this was kept. Send it again later.");
            waiting.Add(mine);
            waitingBytes += mine.Bytes.Length;
            if (!busy)
            {
                busy = true;
                _ = Task.Run(DrainAsync);
            }
        }

        return mine.Done.Task;
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            List<Waiting> taken;
            lock (gate)
            {
                if (waiting.Count == 0)
                {
                    busy = false;
                    return;
                }

                (taken, waiting, waitingBytes) = (waiting, [], 0);
            }

            foreach (var group in taken.GroupBy(w => Hour(w.At))) await WriteAsync(group.Key, [.. group]);
        }
    }

    private async Task WriteAsync(DateTimeOffset at, IReadOnlyList<Waiting> some)
    {
        try
        {
            if (key is null || at != hour || lines >= options.CloseAtLines)
            {
                (key, hour, lines) = ($"{FeedbackStreams.Folder(stream, at)}{at.UtcDateTime:yyyyMMddHH}-{ids.Next(12)}{FeedbackStreams.Extension}", at, 0);
                open.SetLength(0);
            }

            foreach (var one in some)
            {
                open.Write(one.Bytes);
                lines += one.Lines;
            }

            using var content = new MemoryStream(open.GetBuffer(), 0, (int)open.Length, writable: false);
            await objects.PutAsync(key, content);
            foreach (var one in some) one.Done.SetResult();
        }
        catch (Exception e)
        {
            // Whether the store has it is not known. The file is left as it is, and never written again: a reader may have counted its lines.
            key = null;
            var fault = e as EnvironmentException ?? new EnvironmentException($"feedback cannot be stored ({e.Message}); nothing of this was acknowledged. Send it again.", e);
            foreach (var one in some) one.Done.TrySetException(fault);
        }
    }

    private static DateTimeOffset Hour(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);

    private sealed record Waiting(byte[] Bytes, int Lines, DateTimeOffset At, TaskCompletionSource Done);
}
