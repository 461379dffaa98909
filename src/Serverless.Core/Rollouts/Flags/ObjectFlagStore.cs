using System.Text.Json.Nodes;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Rollouts;

/// <summary>Flags in one object of the store, changed by compare-and-swap: for a workspace on Azure that has no App Configuration.</summary>
public sealed class ObjectFlagStore(IObjectStore objects) : IFlagStore
{
    private const string Key = $"{StoreNames.Containers.Runs}/_flags/flags.json";

    public string Name => Key;

    public async Task<FlagSet?> ReadAsync(string? known, CancellationToken cancel = default)
    {
        if (await HeadAsync(cancel).ConfigureAwait(false) is not { } head) return known == "" ? null : new FlagSet("", new Dictionary<string, JsonObject>());
        return head.ETag == known ? null : new FlagSet(head.ETag, await FlagsAsync(cancel).ConfigureAwait(false));
    }

    public async Task UpdateAsync(string id, Func<JsonObject?, JsonObject?> change, CancellationToken cancel = default)
    {
        while (true)
        {
            // The mark is taken first: an object that changes between the two is refused when it is replaced.
            var head = await HeadAsync(cancel).ConfigureAwait(false);
            var flags = head is null ? new Dictionary<string, JsonObject>() : await FlagsAsync(cancel).ConfigureAwait(false);
            var there = flags.GetValueOrDefault(id);
            var changed = change(there);
            if (ReferenceEquals(changed, there)) return;
            var all = flags.Where(f => f.Key != id).Select(f => f.Value).ToList();
            if (changed is not null) all.Add(changed);
            using var content = new MemoryStream(FlagFile.Write(all));
            var done = head is null ? await objects.PutIfAbsentAsync(Key, content, cancel).ConfigureAwait(false) : await objects.ReplaceAsync(Key, content, head.ETag, cancel).ConfigureAwait(false);
            if (done is not null) return;
        }
    }

    private async Task<ObjectInfo?> HeadAsync(CancellationToken cancel)
    {
        try
        {
            return await objects.HeadAsync(Key, cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new EnvironmentException($"{Key} cannot be reached: {e.Message}", e);
        }
    }

    private async Task<IReadOnlyDictionary<string, JsonObject>> FlagsAsync(CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(Key, cancel).ConfigureAwait(false);
        if (stream is null) return new Dictionary<string, JsonObject>();
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancel).ConfigureAwait(false);
        return FlagFile.Parse(bytes.ToArray(), Key);
    }
}
