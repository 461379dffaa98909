using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Feedback;

/// <summary>What a join did.</summary>
/// <param name="Events">New events that were looked at.</param>
/// <param name="Joined">Events that found their prediction, also some that had waited.</param>
/// <param name="Days">Days (UTC) of predictions about which something new is known.</param>
/// <param name="Rollouts">Rollouts likewise.</param>
/// <param name="Lost">Somebody else joined in the same moment: what they did holds.</param>
internal sealed record JoinOutcome(int Events, int Joined, IReadOnlyList<DateOnly> Days, IReadOnlyList<string> Rollouts, bool Lost);

/// <summary>
/// Brings feedback and predictions together. Only feedback that is new is read, and of the prediction log only the hours that it is about; what waits is looked for only in files of the log that are new.
/// Every change may be repeated, and the state moves last, so a join that dies is done again, and two at once do no harm.
/// </summary>
internal sealed class FeedbackJoin(Workspace workspace, IObjectStore objects, LoggedAnswers log, JoinedHours hours, JoinStates states, IModelRegistry registry, FeedbackOptions options)
{
    private const int LogDays = 3;

    public async Task<JoinOutcome> RunAsync(string model, DateTimeOffset now, CancellationToken cancel)
    {
        var definition = workspace.Model(model);
        var before = await states.ReadAsync(model, cancel);
        var (read, state) = await NewFeedback.ReadAsync(objects, model, before.State, now, cancel);
        var logged = await LogAsync(model, now, cancel);
        List<FeedbackEvent> arrived = [.. before.State.Fresh, .. read];
        var fresh = arrived.Where(e => e.Received > now - options.Settles && e.Received <= now + options.ClockSkew).ToList();
        var ripe = arrived.Except(fresh).ToList();

        var pairs = new Dictionary<DateTimeOffset, Dictionary<string, List<FeedbackEvent>>>();
        void Pair(DateTimeOffset hour, string id, FeedbackEvent one)
        {
            if (!pairs.TryGetValue(hour, out var some)) pairs[hour] = some = new(StringComparer.Ordinal);
            if (!some.TryGetValue(id, out var events)) some[id] = events = [];
            events.Add(one);
        }

        string[] changed = [.. logged.Where(f => before.State.Log.GetValueOrDefault(f.Key) != f.Value).Select(f => f.Key)];
        var changedHours = changed.Select(LoggedAnswers.HourOf).OfType<DateTimeOffset>().ToHashSet();
        foreach (var one in ripe.Concat(before.State.Waiting.Where(e => e.PredictionId is { } id && PredictionTimes.Of(id) is { } at && Around(at).Any(changedHours.Contains))))
        {
            if (one.PredictionId is not { } id || PredictionTimes.Of(id) is not { } at) continue;
            foreach (var hour in Around(at)) Pair(hour, PredictionTimes.Answered(id), one);
        }

        foreach (var (one, id, at) in await ByKeyAsync(definition, [.. ripe.Where(ByKey)], [.. before.State.Waiting.Where(ByKey)], changed, now, cancel)) Pair(PredictionTimes.Hour(at), id, one);

        var (joined, days, rollouts) = (new HashSet<string>(StringComparer.Ordinal), new SortedSet<DateOnly>(), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var (hour, wanted) in pairs.OrderBy(p => p.Key))
        {
            foreach (var one in await MergeAsync(definition, hour, wanted, joined, cancel))
            {
                days.Add(DateOnly.FromDateTime(one.Time.UtcDateTime));
                if (one.Rollout is not null) rollouts.Add(one.Rollout);
            }
        }

        var after = state with
        {
            Revision = state.Revision + 1, JoinedAt = now, Fresh = fresh, Log = logged, Waiting = [.. before.State.Waiting.Concat(ripe).Where(e => !joined.Contains(e.Id))],
        };
        var kept = await states.SwapAsync(model, before, after, cancel);
        return new JoinOutcome(ripe.Count, joined.Count, [.. days], [.. rollouts], !kept);
    }

    private static bool ByKey(FeedbackEvent one) => one.PredictionId is null;

    // The id is made a moment before the row is written down, which may be in the next hour.
    private static IEnumerable<DateTimeOffset> Around(DateTimeOffset at)
    {
        var hour = PredictionTimes.Hour(at);
        yield return hour;
        if (at - hour > TimeSpan.FromMinutes(58)) yield return hour.AddHours(1);
    }

    private async Task<SortedDictionary<string, string>> LogAsync(string model, DateTimeOffset now, CancellationToken cancel)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var file in log.FilesAsync(model, now.AddDays(-LogDays), now.AddDays(1), cancel)) files[file.Key] = file.ETag;
        return files;
    }

    private async Task<List<(FeedbackEvent Event, string Id, DateTimeOffset Time)>> ByKeyAsync(
        ModelDefinition model, List<FeedbackEvent> ripe, List<FeedbackEvent> waiting, IReadOnlyList<string> changed, DateTimeOffset now, CancellationToken cancel)
    {
        var found = new List<(FeedbackEvent, string, DateTimeOffset)>();
        if (ripe.Count > 0)
        {
            var lookup = new KeyLookup(options.ClockSkew);
            ripe.ForEach(lookup.Want);
            var byHour = new SortedDictionary<DateTimeOffset, List<string>>();
            await foreach (var file in log.FilesAsync(model.Name, lookup.Oldest - model.Feedback.Lookback, now.AddHours(1), cancel))
            {
                if (LoggedAnswers.HourOf(file.Key) is not { } hour) continue;
                if (!byHour.TryGetValue(hour, out var some)) byHour[hour] = some = [];
                some.Add(file.Key);
            }

            // From the newest label backwards, until each has the newest prediction before it; only what has none is looked for after its label.
            foreach (var (_, files) in byHour.Where(h => h.Key <= lookup.Newest).Reverse())
            {
                if (lookup.Settled) break;
                await OfferAsync(model, lookup, files, cancel);
            }

            if (!lookup.Settled) foreach (var (_, files) in byHour.Where(h => h.Key > lookup.Newest)) await OfferAsync(model, lookup, files, cancel);
            found.AddRange(lookup.Answers().Where(a => a.Id is not null).Select(a => (a.Event, a.Id!, a.Time)));
        }

        if (waiting.Count > 0 && changed.Count > 0)
        {
            var lookup = new KeyLookup(options.ClockSkew);
            waiting.ForEach(lookup.Want);
            await OfferAsync(model, lookup, changed, cancel);
            found.AddRange(lookup.Answers().Where(a => a.Id is not null).Select(a => (a.Event, a.Id!, a.Time)));
        }

        return found;
    }

    private async Task OfferAsync(ModelDefinition model, KeyLookup lookup, IReadOnlyList<string> files, CancellationToken cancel)
    {
        var column = model.Feedback.Key;
        await log.ReadAsync(files, column is not null, (rows, i) =>
        {
            var key = column is null ? rows.Key(i) : LogRows.Field(rows.Inputs(i), column) ?? rows.Key(i);
            if (lookup.Wants(key) && PredictionTimes.Answered(rows.Id(i)) == rows.Id(i)) lookup.Offer(key!, rows.Id(i), rows.Time(i));
            return false;
        }, cancel);
    }

    private async Task<IReadOnlyList<JoinedPrediction>> MergeAsync(ModelDefinition model, DateTimeOffset hour, Dictionary<string, List<FeedbackEvent>> wanted, HashSet<string> joined, CancellationToken cancel)
    {
        var files = new List<string>();
        await foreach (var file in log.FilesAsync(model.Name, hour, hour, cancel)) files.Add(file.Key);
        if (files.Count == 0) return [];
        var own = BusinessMetrics.Of(model).Count > 0;
        var found = await log.ReadAsync(files, own, (rows, i) => wanted.ContainsKey(PredictionTimes.Answered(rows.Id(i))), cancel);
        if (found.Count == 0) return [];
        var schemas = new Dictionary<int, Scoring.ModelSchema?>();
        foreach (var version in found.Select(f => f.Version).Distinct()) schemas[version] = (await registry.FindAsync(model.Name, version, cancel))?.Schema;
        var merged = new List<JoinedPrediction>();
        await hours.MergeAsync(model.Name, hour, before =>
        {
            merged = [.. found.DistinctBy(f => f.Id).Select(f => Merged(f, before.GetValueOrDefault(f.Id), wanted[PredictionTimes.Answered(f.Id)], model.Task))];
            if (own) merged = OwnValues.Of(model, workspace.Dataset(model.Dataset), merged, found.DistinctBy(f => f.Id).ToDictionary(f => f.Id, f => f.Inputs), schemas, cancel);
            var ids = merged.Select(m => m.Id).ToHashSet(StringComparer.Ordinal);
            return [.. before.Values.Where(b => !ids.Contains(b.Id)), .. merged];
        }, cancel);
        foreach (var one in found) foreach (var said in wanted[PredictionTimes.Answered(one.Id)]) joined.Add(said.Id);
        return merged;
    }

    private static JoinedPrediction Merged(LoggedAnswer logged, JoinedPrediction? before, List<FeedbackEvent> events, TaskKind task)
    {
        // What came through the stream of several models was not judged by the task of this one yet; a label that is none of it says nothing.
        var canonical = events.Select(e => e.Actual is { } said ? e with { Actual = Actuals.Canonical(task, said, out _) } : e);
        return new JoinedPrediction
        {
            Id = logged.Id, Time = logged.Time, Version = logged.Version, Role = logged.Role, Rollout = logged.Rollout, Variant = logged.Variant, Subject = logged.Subject, Outputs = logged.Outputs,
            Prediction = logged.Prediction, Events = [.. (before?.Events ?? []).Concat(canonical).DistinctBy(e => e.Id).OrderBy(e => e.Order)],
        };
    }
}
