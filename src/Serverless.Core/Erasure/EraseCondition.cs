using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Erasure;

/// <summary>The condition of an erasure while it runs: an object of its own, because records of runs stay and this may not.</summary>
internal static class EraseCondition
{
    public static async Task WriteAsync(IObjectStore objects, string run, string condition, CancellationToken cancel)
    {
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(condition));
        await objects.PutIfAbsentAsync(KeyOf(run), content, cancel);
    }

    public static async Task<string> ReadAsync(IObjectStore objects, string run, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(KeyOf(run), cancel)
            ?? throw new DataException($"erasure '{run}' has lost its condition; ask for it again.");
        return (await JsonSerializer.DeserializeAsync<string>(stream, cancellationToken: cancel))!;
    }

    public static Task ForgetAsync(IObjectStore objects, string run, CancellationToken cancel) => objects.DeleteAsync(KeyOf(run), cancel);

    private static string KeyOf(string run) => $"{StoreNames.Containers.Runs}/{run}/condition.json";
}
