using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Storage;

namespace Serverless.Azure;

/// <summary>Objects as block blobs; a key's first segment is the container. A blob appears when its one request, or its list of blocks, is committed.</summary>
internal sealed class BlobObjectStore(AzureStore store, BlobCache cache, IdSource ids) : IObjectStore
{
    private const int SmallEnoughForMemory = 1 << 20;

    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancel = default) => RunAsync(key, "look at", async blob =>
    {
        try
        {
            return Info(key, (await blob.GetPropertiesAsync(cancellationToken: cancel)).Value);
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return null;
        }
    });

    public Task<Stream?> OpenReadAsync(string key, CancellationToken cancel = default) => RunAsync<Stream?>(key, "read", async blob =>
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // One request, so what is read is one version of the blob; where the connection breaks, the client reads on with the version's ETag.
                var answer = (await blob.DownloadStreamingAsync(cancellationToken: cancel)).Value;
                if (answer.Details.ContentLength > SmallEnoughForMemory) return answer.Content;
                await using (answer.Content)
                {
                    var whole = new MemoryStream((int)answer.Details.ContentLength);
                    await answer.Content.CopyToAsync(whole, cancel);
                    whole.Position = 0;
                    return whole;
                }
            }
            catch (RequestFailedException e) when (IsMissing(e))
            {
                return null;
            }
            catch (RequestFailedException e) when (e.Status == 412 && attempt < 10)
            {
                // Replaced while it was read: read the new one.
            }
        }
    });

    public Task<ObjectInfo?> PutIfAbsentAsync(string key, Stream content, CancellationToken cancel = default) =>
        WriteAsync(key, content, new BlobRequestConditions { IfNoneMatch = ETag.All }, cancel);

    public async Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancel = default) =>
        await WriteAsync(key, content, null, cancel)
        // Only a large upload can meet this: committing one list of blocks discards the blocks that another writer had staged.
        ?? throw new IOException($"object '{key}' was written by somebody else at the same time; write it again.");

    public Task<ObjectInfo?> ReplaceAsync(string key, Stream content, string etag, CancellationToken cancel = default) =>
        WriteAsync(key, content, new BlobRequestConditions { IfMatch = new ETag(etag) }, cancel);

    public Task<bool> DeleteAsync(string key, CancellationToken cancel = default) =>
        RunAsync(key, "delete", async blob => (await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel)).Value);

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        prefix = ObjectKey.CheckPrefix(prefix);
        var (container, below) = Split(prefix);
        await store.ReadyAsync();
        var pages = store.Blobs.GetBlobContainerClient(container).GetBlobsAsync(new GetBlobsOptions { Prefix = below.Length == 0 ? null : below }, cancel)
            .AsPages().GetAsyncEnumerator(cancel);
        await using (pages)
        {
            while (await AzureErrors.GuardAsync($"list '{prefix}'", async () => await pages.MoveNextAsync()))
            {
                foreach (var blob in pages.Current.Values)
                {
                    var key = $"{container}/{blob.Name}";
                    if (after is not null && string.CompareOrdinal(key, after) <= 0 || !ObjectKey.IsValid(key)) continue;
                    var properties = blob.Properties;
                    yield return new ObjectInfo(key, properties.ContentLength ?? 0, properties.ETag!.Value.ToString("H"), properties.LastModified!.Value);
                }
            }
        }
    }

    public async Task<LocalObject> MaterialiseAsync(string key, CancellationToken cancel = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            var info = await HeadAsync(key, cancel) ?? throw new ObjectMissingException(key);
            try
            {
                return await RunAsync(key, "download", blob => cache.GetAsync(info, path => blob.DownloadToAsync(
                    path, new BlobDownloadToOptions { Conditions = new BlobRequestConditions { IfMatch = new ETag(info.ETag) } }, cancel), cancel));
            }
            catch (RequestFailedException e) when (e.Status is 404 or 412 && attempt < 10)
            {
                // Replaced or removed between the look and the download: look again.
            }
        }
    }

    private Task<ObjectInfo?> WriteAsync(string key, Stream content, BlobRequestConditions? conditions, CancellationToken cancel) =>
        RunAsync(key, "write", blob => new BlobUpload(blob, key, ids.Next(16), conditions).SendAsync(content, cancel));

    private async Task<T> RunAsync<T>(string key, string activity, Func<BlobClient, Task<T>> work)
    {
        ObjectKey.Check(key);
        var (container, name) = Split(key);
        await store.ReadyAsync();
        var blob = store.Blobs.GetBlobContainerClient(container).GetBlobClient(name);
        return await AzureErrors.GuardAsync($"{activity} '{key}'", () => work(blob));
    }

    private static bool IsMissing(RequestFailedException e) => e.Status == 404 && e.ErrorCode != "ContainerNotFound";

    internal static ObjectInfo Info(string key, BlobProperties properties) => new(key, properties.ContentLength, properties.ETag.ToString("H"), properties.LastModified);

    private static (string Container, string Name) Split(string key)
    {
        var slash = key.IndexOf('/');
        return (key[..slash], key[(slash + 1)..]);
    }
}
