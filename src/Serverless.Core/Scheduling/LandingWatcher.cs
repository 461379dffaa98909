using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Feedback;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Scheduling;

/// <summary>Looks into landing, for stores that do not announce what arrives. Accepting twice is accepting once, so any number of processes may look.</summary>
internal sealed class LandingWatcher(Workspace workspace, InboxFolder folder, IObjectStore objects, IDropInbox inbox, ILogger<LandingWatcher>? logger = null, FeedbackDrops? feedback = null, Scoring.IBatches? batches = null) : ILandingWatcher
{
    private readonly ILogger log = logger ?? NullLogger<LandingWatcher>.Instance;

    // Only spares questions: what is not in here is asked of the store's own record.
    private readonly Dictionary<string, string> accepted = new(StringComparer.Ordinal);
    private readonly HashSet<string> said = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim one = new(1);

    public async Task<IReadOnlyList<string>> TickAsync(CancellationToken cancel = default)
    {
        await one.WaitAsync(cancel);
        try
        {
            var begun = new List<string>(await folder.TickAsync(cancel));
            await foreach (var item in objects.ListAsync($"{StoreNames.Containers.Landing}/", cancel: cancel))
            {
                if (accepted.TryGetValue(item.Key, out var etag) && etag == item.ETag) continue;
                if (await AcceptAsync(item, cancel) is { } run) begun.Add(run);
            }

            return [.. begun.Distinct()];
        }
        finally
        {
            one.Release();
        }
    }

    private async Task<string?> AcceptAsync(ObjectInfo item, CancellationToken cancel)
    {
        if (batches is not null && Scoring.ScoreInbox.ModelOf(item.Key) is { } scored) return await ScoreAsync(scored, batches, item, cancel);
        var parts = item.Key.Split('/');
        if (feedback?.ModelOf(item.Key) is { } model)
        {
            var taken = await feedback.AcceptAsync(model, item, "landing", cancel);
            accepted[item.Key] = item.ETag;
            return taken;
        }

        if (parts.Length != 3 || !workspace.Datasets.ContainsKey(parts[1]))
        {
            var name = parts.Length > 1 ? parts[1] : item.Key;
            if (said.Add(name))
            {
                if (parts.Length == 3) SchedulingLog.UnknownFolder(log, name, Suggest.Hint(name, workspace.Datasets.Keys));
                else SchedulingLog.LooseFile(log, item.Key);
            }

            return null;
        }

        try
        {
            var run = await inbox.AcceptAsync(parts[1], item.Key, "landing", cancel: cancel);
            accepted[item.Key] = item.ETag;
            return run;
        }
        catch (RequestException e)
        {
            // Most likely the run of another process moved it away between the look and now.
            SchedulingLog.NotTaken(log, parts[1], parts[2], e.Message);
            return null;
        }
    }

    private async Task<string?> ScoreAsync(string model, Scoring.IBatches batches, ObjectInfo item, CancellationToken cancel)
    {
        try
        {
            var run = await batches.AcceptAsync(item.Key, cancel);
            accepted[item.Key] = item.ETag;
            return run;
        }
        catch (RequestException e)
        {
            if (said.Add(item.Key)) SchedulingLog.NotScored(log, model, item.Key[(item.Key.LastIndexOf('/') + 1)..], e.Message);
            return null;
        }
    }
}
