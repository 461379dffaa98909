using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Local;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.CrashHost;

/// <summary>Approves a version of a workspace, and dies by SIGKILL as soon as a table was written to: the write stands, nothing after it happens.</summary>
public static class Approving
{
    internal static async Task RunAsync(string workspace, string model, int version, string by, string table)
    {
        var local = new ServiceCollection().AddStorage().AddLocalStorage(Path.Combine(workspace, ".serverless")).BuildServiceProvider();
        await using var services = new ServiceCollection().AddSingleton(typeof(ILogger<>), typeof(NullLogger<>)).AddServerless(WorkspaceLoader.Load(workspace))
            .AddSingleton(local.GetRequiredService<IObjectStore>()).AddSingleton(local.GetRequiredService<IWorkQueue>())
            .AddSingleton<IRecordStore>(new Mortal(local.GetRequiredService<IRecordStore>(), table)).BuildServiceProvider();
        await services.GetRequiredService<IModelRegistry>().ApproveAsync(model, version, by, "looks right");
    }

    private sealed class Mortal(IRecordStore inner, string last) : IRecordStore
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
}
