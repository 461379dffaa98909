using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Partitions;

/// <summary>
/// Announcements of drops, each turned into one run by a record that only the first of them can insert. The record is written before the run, so an inbox that dies
/// between the two leaves a record whose run the next announcement starts.
/// </summary>
internal sealed class DropInbox(
    Workspace workspace, IObjectStore objects, IRecordStore records, IRunEngine runs, DropAnnouncements announcements, TimeProvider time, IdSource ids, Feedback.IFeedbackDrops? feedback = null,
    Scoring.IBatches? batches = null) : IDropInbox
{
    public async Task<string> AcceptAsync(string dataset, string key, string by, bool append = false, CancellationToken cancel = default)
    {
        // A host whose trigger knows landing as a whole announces here too what came true of predictions, and what is to be predicted.
        if (feedback is not null && await feedback.AcceptAsync(key, by, cancel) is { } taken) return taken;
        if (batches is not null && Scoring.ScoreInbox.ModelOf(key) is not null) return await batches.AcceptAsync(key, cancel);
        workspace.Dataset(dataset);
        var folder = $"{StoreNames.Containers.Landing}/{dataset}/";
        if (!key.StartsWith(folder, StringComparison.Ordinal) || key.Length == folder.Length || key.IndexOf('/', folder.Length) >= 0)
        {
            throw new RequestException($"'{key}' is not a drop of dataset '{dataset}': drops lie directly in '{folder}'.");
        }

        var info = await objects.HeadAsync(key, cancel) ?? throw new RequestException($"there is no drop '{key}'.");
        var record = await ClaimAsync(dataset, info, by, append, cancel);
        return await runs.StartAsync(new IngestState
        {
            Dataset = dataset, Key = key, ETag = info.ETag, By = record.By, ArrivedAt = record.ArrivedAt, Append = record.Append, Origin = record.Origin,
            Whole = record.Whole,
        }, record.Run, cancel);
    }

    public async Task<string> PutAsync(string dataset, string fileName, Stream content, string by, bool append = false, CancellationToken cancel = default)
    {
        workspace.Dataset(dataset);
        if (fileName.Length == 0 || fileName is "." or ".." || fileName.IndexOfAny(['/', '\\', ':']) >= 0 || fileName.Any(char.IsControl))
        {
            throw new RequestException($"'{ObjectKey.Shown(fileName)}' cannot be the name of a drop: it must be a plain file name, without path characters (/ \\ :).");
        }

        var key = ObjectKey.Check($"{StoreNames.Containers.Landing}/{dataset}/{fileName}");
        await objects.PutAsync(key, content, cancel);
        return await AcceptAsync(dataset, key, by, append, cancel);
    }

    private async Task<DropRecord> ClaimAsync(string dataset, ObjectInfo info, string by, bool append, CancellationToken cancel)
    {
        // Names of drops may have characters that a record's key may not, so the key is a digest.
        var row = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{info.Key}\n{info.ETag}")))[..32];
        var now = time.GetUtcNow();
        var run = RunIds.New("ingest", now, ids);
        var told = await announcements.FindAsync(dataset, info.Key, cancel);
        var mine = new DropRecord
        {
            Key = info.Key, ETag = info.ETag, Run = run, By = told?.By ?? by, ArrivedAt = now, Append = told?.Append ?? append, Origin = told?.Origin, Whole = told?.Whole ?? false,
        };
        if (await records.InsertAsync(StoreNames.Tables.Drops, dataset, row, JsonSerializer.Serialize(mine, ServerlessJson.Options), cancel) is not null) return mine;
        var there = await records.GetAsync(StoreNames.Tables.Drops, dataset, row, cancel)
            ?? throw new EnvironmentException($"the record of drop '{info.Key}' vanished while it was read; try again.");
        return JsonSerializer.Deserialize<DropRecord>(there.Json, ServerlessJson.Options)!;
    }
}

/// <summary>A drop that was announced, and the run that deals with it.</summary>
public sealed record DropRecord
{
    public int SchemaVersion { get; init; } = 1;

    public required string Key { get; init; }

    public required string ETag { get; init; }

    public required string Run { get; init; }

    public required string By { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }

    public bool Append { get; init; }

    public DropOrigin? Origin { get; init; }

    public bool Whole { get; init; }
}
