using Serverless.Storage;

namespace Serverless.Scoring;

/// <summary>
/// The log of a durable model. Whoever records waits for its group: the rows that came while the group before was being written, so that however many requests there are, they share one write.
/// A single request does not wait for company.
/// </summary>
internal sealed class GroupCommit(string model, IObjectStore objects, IPredictionFormat format, IdSource ids, PredictionLogOptions options, TimeProvider time, Action<string, Exception?, int> ended) : IThreadPoolWorkItem
{
    // A file is written again as long as it grows, so it is closed sooner than a buffered one: the last group of a file costs little more than the first.
    private readonly ModelLog log = new(model, objects, format, ids, options with { CloseAtRows = options.DurableCloseAtRows });
    private readonly Lock gate = new();
    private PredictionBatch waiting = new(model);
    private PredictionBatch spare = new(model);
    private TaskCompletionSource group = New();
    private bool writing;
    private Task last = Task.CompletedTask;

    /// <summary>Completes when the row is stored; fails with <see cref="NotLoggedException"/>. Null when there is no room for it.</summary>
    public Task? TryAppend(in PredictionRecord record)
    {
        lock (gate)
        {
            if (waiting.Count >= options.MaxWaitingRows || waiting.TextLength + record.Inputs.Length > options.MaxWaitingText) return null;
            waiting.Add(record);
            last = group.Task;
            if (!writing)
            {
                writing = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            return last;
        }
    }

    /// <summary>Everything appended so far is stored, or was refused, when this completes. Never fails.</summary>
    public Task SettledAsync()
    {
        lock (gate) return last.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    private async Task WriteAsync()
    {
        while (true)
        {
            PredictionBatch rows;
            TaskCompletionSource mine;
            lock (gate)
            {
                if (waiting.Count == 0)
                {
                    writing = false;
                    return;
                }

                (rows, waiting) = (waiting, spare);
                (mine, group) = (group, New());
            }

            Exception? failed = null;
            var count = rows.Count;
            try
            {
                using var limit = new CancellationTokenSource(options.DurableTimeout, time);
                await log.CommitAsync(rows, limit.Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failed = e is OperationCanceledException ? new TimeoutException($"the store did not take them within {options.DurableTimeout.TotalSeconds:0.#} s", e) : e;
            }

            rows.Clear();
            lock (gate) spare = rows;
            ended(model, failed, failed is null ? 0 : count);
            if (failed is null) mine.SetResult();
            else
            {
                mine.SetException(new NotLoggedException(failed.Message, failed));
                _ = mine.Task.Exception; // seen, also when nobody waits any more
            }
        }
    }

    // Requests go on on other threads: the next group is not to wait for their answers.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
