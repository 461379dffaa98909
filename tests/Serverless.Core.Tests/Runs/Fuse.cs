using Serverless.Storage;

namespace Serverless.Core.Tests.Runs;

/// <summary>The process is gone: nothing it asks of a store is done any more.</summary>
internal sealed class ProcessDiedException() : Exception("the process died");

/// <summary>Counts calls to the stores and lets the process die at one of them, just before or just after it takes effect.</summary>
internal sealed class Fuse(int at, bool after)
{
    private int calls;

    public bool Blown => Volatile.Read(ref calls) >= at;

    /// <summary>Dies now.</summary>
    public Exception Blow()
    {
        Volatile.Write(ref calls, at);
        return new ProcessDiedException();
    }

    public async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        if (Blown) throw new ProcessDiedException();
        var number = Interlocked.Increment(ref calls);
        if (number > at || (number == at && !after)) throw new ProcessDiedException();
        var result = await call();
        return number == at ? throw new ProcessDiedException() : result;
    }
}

internal sealed class MortalRecords(IRecordStore inner, Fuse fuse) : IRecordStore
{
    public Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) =>
        fuse.CallAsync(() => inner.GetAsync(table, partition, row, cancel));

    public Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) =>
        fuse.CallAsync(() => inner.InsertAsync(table, partition, row, json, cancel));

    public Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default) =>
        fuse.CallAsync(() => inner.ReplaceAsync(table, partition, row, json, etag, cancel));

    public Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) =>
        fuse.CallAsync(() => inner.UpsertAsync(table, partition, row, json, cancel));

    public Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default) =>
        fuse.CallAsync(() => inner.DeleteAsync(table, partition, row, etag, cancel));

    public IAsyncEnumerable<StoredRecord> QueryAsync(string table, string partition, string? after = null, string? prefix = null, CancellationToken cancel = default) =>
        inner.QueryAsync(table, partition, after, prefix, cancel);

    public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancel = default) => inner.PartitionsAsync(table, cancel);
}

internal sealed class MortalQueue(IWorkQueue inner, Fuse fuse) : IWorkQueue
{
    public Task EnqueueAsync(string queue, string body, TimeSpan? delay = null, CancellationToken cancel = default) =>
        fuse.CallAsync(async () =>
        {
            await inner.EnqueueAsync(queue, body, delay, cancel);
            return true;
        });

    public Task<IReadOnlyList<WorkMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancel = default) =>
        fuse.CallAsync(() => inner.ReceiveAsync(queue, max, visibility, cancel));

    public Task<WorkMessage?> RenewAsync(WorkMessage message, TimeSpan visibility, CancellationToken cancel = default) =>
        fuse.CallAsync(() => inner.RenewAsync(message, visibility, cancel));

    public Task<bool> CompleteAsync(WorkMessage message, CancellationToken cancel = default) => fuse.CallAsync(() => inner.CompleteAsync(message, cancel));

    public Task<int> CountAsync(string queue, CancellationToken cancel = default) => inner.CountAsync(queue, cancel);
}

internal sealed class MortalObjects(IObjectStore inner, Fuse fuse) : IObjectStore
{
    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancel = default) => fuse.CallAsync(() => inner.HeadAsync(key, cancel));

    public Task<Stream?> OpenReadAsync(string key, CancellationToken cancel = default) => fuse.CallAsync(() => inner.OpenReadAsync(key, cancel));

    public Task<ObjectInfo?> PutIfAbsentAsync(string key, Stream content, CancellationToken cancel = default) =>
        fuse.CallAsync(() => inner.PutIfAbsentAsync(key, content, cancel));

    public Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancel = default) => fuse.CallAsync(() => inner.PutAsync(key, content, cancel));

    public Task<ObjectInfo?> ReplaceAsync(string key, Stream content, string etag, CancellationToken cancel = default) =>
        fuse.CallAsync(() => inner.ReplaceAsync(key, content, etag, cancel));

    public Task<bool> DeleteAsync(string key, CancellationToken cancel = default) => fuse.CallAsync(() => inner.DeleteAsync(key, cancel));

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after = null, CancellationToken cancel = default) => inner.ListAsync(prefix, after, cancel);

    public Task<LocalObject> MaterialiseAsync(string key, CancellationToken cancel = default) => fuse.CallAsync(() => inner.MaterialiseAsync(key, cancel));
}
