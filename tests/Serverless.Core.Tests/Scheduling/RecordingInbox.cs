using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Core.Tests.Scheduling;

/// <summary>An inbox that stores what it is given and remembers what it was told.</summary>
internal sealed class RecordingInbox(IObjectStore objects) : IDropInbox
{
    public List<string> Accepted { get; } = [];

    /// <summary>Names of the files that were handed over, once for each time.</summary>
    public System.Collections.Concurrent.ConcurrentBag<string> Put { get; } = [];

    public Func<string, Exception?> Refuse { get; set; } = _ => null;

    public Task<string> AcceptAsync(string dataset, string key, string by, bool append = false, CancellationToken cancel = default)
    {
        if (Refuse(key) is { } refusal) throw refusal;
        Accepted.Add($"{dataset} {key} {by}");
        return Task.FromResult($"ingest-{key.GetHashCode(StringComparison.Ordinal):x8}");
    }

    public async Task<string> PutAsync(string dataset, string fileName, Stream content, string by, bool append = false, CancellationToken cancel = default)
    {
        if (fileName.Contains(':')) throw new RequestException($"'{fileName}' cannot be the name of a drop");
        Put.Add(fileName);
        var key = $"landing/{dataset}/{fileName}";
        await objects.PutAsync(key, content, cancel);
        return await AcceptAsync(dataset, key, by, append, cancel);
    }
}
