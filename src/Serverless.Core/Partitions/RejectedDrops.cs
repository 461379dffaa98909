using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Partitions;

/// <summary>Keeps drops that could not be read at all: <c>quarantine/&lt;dataset&gt;/_rejected/&lt;sha-256&gt;/&lt;file&gt;</c>, with <c>reason.json</c> beside.</summary>
internal sealed class RejectedDrops(IObjectStore objects)
{
    /// <summary>Moves the drop out of landing; safe to repeat. A drop that was replaced meanwhile stays in landing: that is another one.</summary>
    public async Task MoveAsync(string dataset, LocalObject drop, string sha256, string run, string reason, DateTimeOffset at, CancellationToken cancel)
    {
        var file = drop.Info.Key[(drop.Info.Key.LastIndexOf('/') + 1)..];
        var folder = $"{StoreNames.Containers.Quarantine}/{dataset}/_rejected/{sha256}";
        await using (var content = new FileStream(drop.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            await objects.PutIfAbsentAsync($"{folder}/{file}", content, cancel);
        }

        var why = new RejectedDrop { Dataset = dataset, File = file, Drop = sha256, Bytes = drop.Info.Size, Run = run, RejectedAt = at, Reason = reason };
        using (var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(why, ServerlessJson.Indented)))
        {
            await objects.PutIfAbsentAsync($"{folder}/reason.json", content, cancel);
        }

        if (await objects.HeadAsync(drop.Info.Key, cancel) is { } now && now.ETag == drop.Info.ETag) await objects.DeleteAsync(drop.Info.Key, cancel);
    }
}

/// <summary>Why a drop was rejected.</summary>
public sealed record RejectedDrop
{
    public int SchemaVersion { get; init; } = 1;

    public required string Dataset { get; init; }

    public required string File { get; init; }

    /// <summary>SHA-256 of its bytes.</summary>
    public required string Drop { get; init; }

    public required long Bytes { get; init; }

    public required string Run { get; init; }

    public required DateTimeOffset RejectedAt { get; init; }

    public required string Reason { get; init; }
}
