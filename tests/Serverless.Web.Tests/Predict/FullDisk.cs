using Microsoft.Extensions.DependencyInjection;
using Serverless.Storage;

namespace Serverless.Web.Tests.Predict;

/// <summary>A local store whose predictions and feedback cannot be written while <see cref="Full"/>.</summary>
internal sealed class FullDisk
{
    public bool Full { get; set; }

    /// <summary>How long the store takes for predictions.</summary>
    public TimeSpan Slow { get; set; }

    /// <summary>Files of predictions that were written, each time.</summary>
    public int Writes => writes;

    private int writes;

    public void Wrap(IServiceCollection services)
    {
        var inner = services.Last(s => s.ServiceType == typeof(IObjectStore)).ImplementationType!;
        services.AddSingleton<IObjectStore>(p => new Store(this, (IObjectStore)ActivatorUtilities.CreateInstance(p, inner)));
    }

    private sealed class Store(FullDisk disk, IObjectStore inner) : IObjectStore
    {
        public async Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancel = default)
        {
            if (disk.Full && key.StartsWith("feedback/", StringComparison.Ordinal)) throw new IOException("No space left on device");
            if (!key.StartsWith("predictions/", StringComparison.Ordinal)) return await inner.PutAsync(key, content, cancel);
            if (disk.Full) throw new IOException("No space left on device");
            if (disk.Slow > TimeSpan.Zero) await Task.Delay(disk.Slow, cancel);
            Interlocked.Increment(ref disk.writes);
            return await inner.PutAsync(key, content, cancel);
        }

        public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancel = default) => inner.HeadAsync(key, cancel);

        public Task<Stream?> OpenReadAsync(string key, CancellationToken cancel = default) => inner.OpenReadAsync(key, cancel);

        public Task<ObjectInfo?> PutIfAbsentAsync(string key, Stream content, CancellationToken cancel = default) => inner.PutIfAbsentAsync(key, content, cancel);

        public Task<ObjectInfo?> ReplaceAsync(string key, Stream content, string etag, CancellationToken cancel = default) => inner.ReplaceAsync(key, content, etag, cancel);

        public Task<bool> DeleteAsync(string key, CancellationToken cancel = default) => inner.DeleteAsync(key, cancel);

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after = null, CancellationToken cancel = default) => inner.ListAsync(prefix, after, cancel);

        public Task<LocalObject> MaterialiseAsync(string key, CancellationToken cancel = default) => inner.MaterialiseAsync(key, cancel);
    }
}
