using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Partitions;

/// <summary>Who is about to put a drop into landing, said beforehand, so that it counts also when the watcher of landing sees the drop first.</summary>
internal sealed record DropAnnouncement
{
    public int SchemaVersion { get; init; } = 1;

    public required string By { get; init; }

    public bool Append { get; init; }

    public bool Whole { get; init; }

    public DropOrigin? Origin { get; init; }
}

/// <summary>Announcements in table <c>drops</c>, beside the drops themselves.</summary>
internal sealed class DropAnnouncements(IRecordStore records)
{
    public Task AnnounceAsync(string dataset, string fileName, DropAnnouncement announcement, CancellationToken cancel) =>
        records.UpsertAsync(StoreNames.Tables.Drops, dataset, Row(Key(dataset, fileName)), JsonSerializer.Serialize(announcement, ServerlessJson.Options), cancel);

    /// <summary>The drop was accepted: what comes under its name from now on is somebody else's.</summary>
    public Task WithdrawAsync(string dataset, string fileName, CancellationToken cancel) =>
        records.DeleteAsync(StoreNames.Tables.Drops, dataset, Row(Key(dataset, fileName)), cancel: cancel);

    /// <param name="key">Object key of the drop.</param>
    public async Task<DropAnnouncement?> FindAsync(string dataset, string key, CancellationToken cancel) =>
        await records.GetAsync(StoreNames.Tables.Drops, dataset, Row(key), cancel) is { } stored ? JsonSerializer.Deserialize<DropAnnouncement>(stored.Json, ServerlessJson.Options) : null;

    private static string Key(string dataset, string fileName) => $"{StoreNames.Containers.Landing}/{dataset}/{fileName}";

    private static string Row(string key) => "announced-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32];
}
