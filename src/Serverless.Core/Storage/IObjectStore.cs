namespace Serverless.Storage;

/// <summary>
/// Named byte streams. A key is a path with forward slashes (<c>data/flights/year=2001/.../x.parquet</c>); its first segment is a container on Azure.
/// Every write is atomic: a reader sees the whole object or none of it, also when the writer is killed.
/// </summary>
public interface IObjectStore
{
    /// <summary>The object's size, ETag and time, or null when it does not exist.</summary>
    Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancel = default);

    /// <summary>
    /// Opens the object for reading, or null when it does not exist. The stream may not be seekable. An object that is replaced while it is read gives the old bytes
    /// or, from a remote store, an exception; never a mixture.
    /// </summary>
    Task<Stream?> OpenReadAsync(string key, CancellationToken cancel = default);

    /// <summary>Writes the object only if nothing has that key yet. Returns null when something has, and leaves that as it was.</summary>
    Task<ObjectInfo?> PutIfAbsentAsync(string key, Stream content, CancellationToken cancel = default);

    /// <summary>
    /// <see cref="PutIfAbsentAsync"/> for several objects, which a store may do at less cost than one by one. Each is written wholly or not at all, but not all or none:
    /// whoever needs that puts one more object afterwards that names them.
    /// </summary>
    /// <returns>In the order of <paramref name="all"/>; null where something had the key already.</returns>
    async Task<IReadOnlyList<ObjectInfo?>> PutAllIfAbsentAsync(IReadOnlyList<NewObject> all, CancellationToken cancel = default)
    {
        var put = new ObjectInfo?[all.Count];
        await Parallel.ForAsync(0, put.Length, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel }, async (i, stop) =>
        {
            await using var content = all[i].Open();
            put[i] = await PutIfAbsentAsync(all[i].Key, content, stop);
        });
        return put;
    }

    /// <summary>Writes the object, replacing what was there.</summary>
    Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancel = default);

    /// <summary>Replaces the object only if it still has this ETag. Returns null when it has another or is gone.</summary>
    Task<ObjectInfo?> ReplaceAsync(string key, Stream content, string etag, CancellationToken cancel = default);

    /// <summary>Removes the object; false when it was not there.</summary>
    Task<bool> DeleteAsync(string key, CancellationToken cancel = default);

    /// <summary>Objects whose key starts with the prefix, in ordinal order of their keys, after <paramref name="after"/> when given.</summary>
    IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after = null, CancellationToken cancel = default);

    /// <summary>
    /// A path on this machine with the object's bytes, for engines that read files (DuckDB). The local store hands out its own file,
    /// so callers never write to it; a remote store downloads to a cache. Throws <see cref="ObjectMissingException"/> when absent.
    /// </summary>
    Task<LocalObject> MaterialiseAsync(string key, CancellationToken cancel = default);
}

/// <summary>An object to be written.</summary>
/// <param name="Key">The whole key, with forward slashes.</param>
/// <param name="Open">Its bytes; called once at most, and the stream is disposed of.</param>
/// <param name="Path">The file that holds these bytes already and is never written again, so that a store on the same disk may take it instead of a copy; null = none.</param>
public sealed record NewObject(string Key, Func<Stream> Open, string? Path = null)
{
    public static NewObject File(string key, string path) => new(key, () => System.IO.File.OpenRead(path), path);
}

/// <param name="Key">The whole key, with forward slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">Changes whenever the content does.</param>
/// <param name="Modified">When it was last written.</param>
public sealed record ObjectInfo(string Key, long Size, string ETag, DateTimeOffset Modified);

/// <summary>A file on this machine that holds an object's bytes until disposed.</summary>
public sealed class LocalObject(string path, ObjectInfo info, Action? release = null) : IDisposable
{
    public string Path { get; } = path;

    public ObjectInfo Info { get; } = info;

    public void Dispose() => release?.Invoke();
}

/// <summary>An object that should exist does not.</summary>
public sealed class ObjectMissingException(string key) : IOException($"object '{key}' does not exist in the store")
{
    public string Key { get; } = key;
}
