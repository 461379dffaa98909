using System.Globalization;
using Serverless.Storage;

namespace Serverless.Scoring;

/// <summary>
/// The log of one model: rows that wait, and the file that is open. Writers only ever take a short lock and copy; one flush at a time encodes and stores.
/// </summary>
/// <param name="full">Called, with the lock held, when a whole file's rows wait.</param>
internal sealed class ModelLog(string model, IObjectStore objects, IPredictionFormat format, IdSource ids, PredictionLogOptions options, Action? full = null)
{
    private const int KeptBuffer = 16 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly PredictionBatch open = new(model);
    private PredictionBatch waiting = new(model);
    private PredictionBatch spare = new(model);

    // Kept from file to file: a new one for each would be large objects, which only full collections take back.
    private MemoryStream buffer = new();
    private string? key;
    private bool unsaved;

    /// <summary>False when there is no room for the row.</summary>
    public bool TryAppend(in PredictionRecord record)
    {
        lock (gate)
        {
            if (waiting.Count >= options.MaxWaitingRows || waiting.TextLength + record.Inputs.Length > options.MaxWaitingText) return false;
            waiting.Add(record);
            if (waiting.Count == options.CloseAtRows) full?.Invoke();
            return true;
        }
    }

    /// <summary>Rows that a crash would lose now.</summary>
    public int Unsaved
    {
        get { lock (gate) return waiting.Count + (unsaved ? open.Count : 0); }
    }

    /// <summary>Brings what waits to the store. Throws what the store throws; nothing is lost then, and the next flush goes on from there.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        // What an earlier flush could not store goes first: while that fails, waiting rows fill up to their bound.
        if (unsaved) await SaveAsync(cancel).ConfigureAwait(false);
        PredictionBatch taken;
        lock (gate)
        {
            if (waiting.Count == 0) return;
            (taken, waiting, spare) = (waiting, spare, waiting);
        }

        var from = 0;
        try
        {
            while (from < taken.Count)
            {
                var to = Take(taken, from);
                from = to;
                unsaved = true;
                await SaveAsync(cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            // A store that fails in the middle of two hours: the rest goes back to the front of what waits.
            lock (gate)
            {
                if (from < taken.Count)
                {
                    var rest = new PredictionBatch(model);
                    rest.Add(taken, from, taken.Count);
                    rest.Add(waiting, 0, waiting.Count);
                    waiting = rest;
                }

                taken.Clear();
                spare = taken;
            }
        }
    }

    /// <summary>
    /// Stores these rows now. Throws what the store throws, and has forgotten the rows then, as their callers are told: they appear in no later file either. Rows of an hour before the failing
    /// one may be stored.
    /// </summary>
    public async Task CommitAsync(PredictionBatch rows, CancellationToken cancel)
    {
        for (var from = 0; from < rows.Count;)
        {
            var to = Take(rows, from);
            try
            {
                await SaveAsync(cancel).ConfigureAwait(false);
            }
            catch
            {
                open.Truncate(Math.Max(0, open.Count - (to - from)));
                // A new name for what comes next: the store may have taken the file although it said no.
                if (open.Count == 0) key = null;
                throw;
            }

            from = to;
        }
    }

    /// <summary>Copies rows of one hour to the open file, a new one where theirs is another; returns where they end.</summary>
    private int Take(PredictionBatch rows, int from)
    {
        var hour = Hour(rows.Times[from]);
        var to = from + 1;
        while (to < rows.Count && Hour(rows.Times[to]) == hour) to++;
        if (key is null || Hour(open.Times[0]) != hour) Begin(hour);
        open.Add(rows, from, to);
        return to;
    }

    private async Task SaveAsync(CancellationToken cancel)
    {
        var bytes = buffer;
        bytes.SetLength(0);
        await QuietThread.Shared.RunAsync(() => format.WriteAsync(open, bytes, cancel)).ConfigureAwait(false);
        bytes.Position = 0;
        await objects.PutAsync(key!, bytes, cancel).ConfigureAwait(false);
        if (bytes.Capacity > KeptBuffer) buffer = new MemoryStream();
        unsaved = false;
        if (open.Count < options.CloseAtRows) return;
        open.Clear();
        key = null;
    }

    private void Begin(DateTime hour)
    {
        open.Clear();
        key = string.Create(CultureInfo.InvariantCulture,
            $"{StoreNames.Containers.Predictions}/{model}/date={hour:yyyy-MM-dd}/hour={hour:HH}/{hour:yyyyMMddHH}-{ids.Next(12)}{format.Extension}");
    }

    private static DateTime Hour(DateTime time) => new(time.Ticks - time.Ticks % TimeSpan.TicksPerHour, DateTimeKind.Utc);
}
