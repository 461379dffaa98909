using System.Text;
using Serverless.Storage;

namespace Serverless.Testing;

/// <summary>Objects as text, for tests.</summary>
public static class ObjectText
{
    public static Stream Of(string text) => new MemoryStream(Encoding.UTF8.GetBytes(text));

    /// <summary>The object's text, or null when it does not exist.</summary>
    public static async Task<string?> ReadTextAsync(this IObjectStore store, string key)
    {
        await using var stream = await store.OpenReadAsync(key);
        if (stream is null) return null;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    public static async Task<List<string>> KeysAsync(this IObjectStore store, string prefix, string? after = null)
    {
        var keys = new List<string>();
        await foreach (var info in store.ListAsync(prefix, after)) keys.Add(info.Key);
        return keys;
    }
}
