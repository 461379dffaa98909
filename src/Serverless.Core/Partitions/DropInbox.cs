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
        FirstDocuments.Begin();
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
        LandedFiles.RequirePlainName(fileName, "a drop");
        var key = ObjectKey.Check($"{StoreNames.Containers.Landing}/{dataset}/{fileName}");
        await objects.PutAsync(key, content, cancel);
        return await AcceptAsync(dataset, key, by, append, cancel);
    }

    private async Task<DropRecord> ClaimAsync(string dataset, ObjectInfo info, string by, bool append, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var told = await announcements.FindAsync(dataset, info.Key, cancel);
        return await LandedFiles.ClaimAsync(records, dataset, new DropRecord
        {
            Key = info.Key, ETag = info.ETag, Run = RunIds.New("ingest", now, ids), By = told?.By ?? by, ArrivedAt = now, Append = told?.Append ?? append, Origin = told?.Origin, Whole = told?.Whole ?? false,
        }, "drop", cancel);
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
