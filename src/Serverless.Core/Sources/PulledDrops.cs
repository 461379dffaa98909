using System.Text.Json;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Sources;

/// <summary>What one pull fetched, in <c>runs/&lt;run&gt;/pulled.json</c> with the files beside it. Put if absent, and last: it is there only when every file is, whole.</summary>
internal sealed record Pulled
{
    public int SchemaVersion { get; init; } = 1;

    public required IReadOnlyList<PulledDrop> Drops { get; init; }

    public required SourceMark Mark { get; init; }

    public string? NothingNew { get; init; }

    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <param name="Key">Object key of the fetched bytes.</param>
internal sealed record PulledDrop(string File, string Key, bool Append, bool Whole, DropOrigin Origin, string? FileName, string? FileTag);

internal sealed class PulledDrops(IObjectStore objects, IdSource ids)
{
    private const int KnownSchema = 1;

    public async Task<Pulled?> FindAsync(string run, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(Manifest(run), cancel);
        if (stream is null) return null;
        var pulled = (await JsonSerializer.DeserializeAsync<Pulled>(stream, ServerlessJson.Options, cancel))!;
        return pulled.SchemaVersion <= KnownSchema ? pulled
            : throw new EnvironmentException($"'{Manifest(run)}' was written by a newer version (schemaVersion {pulled.SchemaVersion}; this one reads up to {KnownSchema}). Update this installation.");
    }

    /// <summary>Brings the files into the store; where another attempt was first, its files count.</summary>
    public async Task<Pulled> PutAsync(string run, Fetched fetched, CancellationToken cancel)
    {
        var drops = new List<PulledDrop>(fetched.Files.Count);
        var attempt = ids.Next(8); // a process that slept through its hold may still be putting its own
        foreach (var file in fetched.Files)
        {
            var key = ObjectKey.Check($"{StoreNames.Containers.Runs}/{run}/pulled/{attempt}/{file.Name}");
            await using (var content = File.OpenRead(file.Path)) await objects.PutAsync(key, content, cancel);
            drops.Add(new PulledDrop(file.Name, key, file.Append, file.Whole, file.Origin, file.FileName, file.FileTag));
        }

        var pulled = new Pulled { Drops = drops, Mark = fetched.Mark, NothingNew = fetched.NothingNew, Remarks = fetched.Remarks };
        using var manifest = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(pulled, ServerlessJson.Options));
        return await objects.PutIfAbsentAsync(Manifest(run), manifest, cancel) is not null ? pulled : (await FindAsync(run, cancel))!;
    }

    /// <summary>Removes the fetched bytes; the manifest stays, as the run's record of them.</summary>
    public async Task ClearAsync(string run, CancellationToken cancel)
    {
        var keys = new List<string>();
        await foreach (var item in objects.ListAsync($"{StoreNames.Containers.Runs}/{run}/pulled/", cancel: cancel)) keys.Add(item.Key);
        foreach (var key in keys) await objects.DeleteAsync(key, cancel);
    }

    private static string Manifest(string run) => $"{StoreNames.Containers.Runs}/{run}/pulled.json";
}
