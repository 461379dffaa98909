using System.Security.Cryptography;
using System.Text;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Feedback;

/// <summary>
/// Finds the model of feedback that names a prediction but no model, where there are several: the one in whose log the prediction stands, at the hour that the id says. What is found is copied to the
/// model's own stream; what is not waits.
/// </summary>
internal sealed class FeedbackRouting(Workspace workspace, IObjectStore objects, LoggedAnswers log, JoinStates states, FeedbackOptions options)
{
    /// <summary>How many found their model; null when somebody else routed in the same moment.</summary>
    public async Task<int?> RunAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var before = await states.ReadAsync(FeedbackStreams.Unassigned, cancel);
        var (read, state) = await NewFeedback.ReadAsync(objects, FeedbackStreams.Unassigned, before.State, now, cancel);
        List<FeedbackEvent> arrived = [.. before.State.Fresh, .. read];
        var fresh = arrived.Where(e => e.Received > now - options.Settles && e.Received <= now + options.ClockSkew).ToList();
        var wanted = before.State.Waiting.Where(e => e.Received > now.AddDays(-3)).Concat(arrived.Except(fresh)).Where(e => e.PredictionId is not null && PredictionTimes.Of(e.PredictionId) is not null).ToList();
        var routed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var hour in wanted.GroupBy(e => PredictionTimes.Hour(PredictionTimes.Of(e.PredictionId!)!.Value)))
        {
            foreach (var model in workspace.Models.Values.OrderBy(m => m.Name, StringComparer.Ordinal))
            {
                var ids = hour.Where(e => !routed.Contains(e.Id)).Select(e => PredictionTimes.Answered(e.PredictionId!)).ToHashSet(StringComparer.Ordinal);
                var files = new List<string>();
                if (ids.Count > 0) await foreach (var file in log.FilesAsync(model.Name, hour.Key, hour.Key.AddHours(1), cancel)) files.Add(file.Key);
                if (files.Count == 0) continue;
                var there = (await log.ReadAsync(files, inputs: false, (rows, i) => ids.Contains(rows.Id(i)), cancel)).Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
                // A label that is none of the model's task stays, and is reported.
                var mine = hour.Where(e => there.Contains(PredictionTimes.Answered(e.PredictionId!)) && !routed.Contains(e.Id) && (e.Actual is not { } said || Actuals.Canonical(model.Task, said, out _) is not null)).ToList();
                if (mine.Count == 0) continue;
                await CopyAsync(model.Name, mine, now, cancel);
                routed.UnionWith(mine.Select(e => e.Id));
            }
        }

        var after = state with { Revision = state.Revision + 1, JoinedAt = now, Fresh = fresh, Waiting = [.. before.State.Waiting.Concat(arrived.Except(fresh)).Where(e => !routed.Contains(e.Id))] };
        return await states.SwapAsync(FeedbackStreams.Unassigned, before, after, cancel) ? routed.Count : null;
    }

    // Under a name that the events decide: a second time it is there. Should others be among them then, joins know events by their ids.
    private async Task CopyAsync(string model, IReadOnlyList<FeedbackEvent> events, DateTimeOffset now, CancellationToken cancel)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', events.Select(e => e.Id)))))[..24];
        var key = $"{FeedbackStreams.Folder(model, now)}routed-{name}{FeedbackStreams.Extension}";
        await objects.PutIfAbsentAsync(key, new MemoryStream(FeedbackStreams.Lines(events)), cancel);
    }
}
