using System.Diagnostics;
using Serverless.Storage;

namespace Serverless.CrashHost;

/// <summary>Records of a process that dies by SIGKILL as soon as a table was written to: the write stands, nothing after it happens.</summary>
internal sealed class Mortal(IRecordStore inner, string last) : IRecordStore
{
    public Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default) => inner.GetAsync(table, partition, row, cancel);

    public async Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => Die(table, await inner.InsertAsync(table, partition, row, json, cancel));

    public async Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default) => Die(table, await inner.ReplaceAsync(table, partition, row, json, etag, cancel));

    public async Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) => Die(table, await inner.UpsertAsync(table, partition, row, json, cancel))!;

    public Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default) => inner.DeleteAsync(table, partition, row, etag, cancel);

    public IAsyncEnumerable<StoredRecord> QueryAsync(string table, string partition, string? after = null, string? prefix = null, CancellationToken cancel = default) => inner.QueryAsync(table, partition, after, prefix, cancel);

    public IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancel = default) => inner.PartitionsAsync(table, cancel);

    // A row that was there already is no write.
    private string? Die(string table, string? etag)
    {
        if (etag is null || table != last) return etag;
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
        return etag;
    }
}
