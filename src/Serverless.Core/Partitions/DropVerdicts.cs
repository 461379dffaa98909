using Serverless.Checks;
using Serverless.Datasets;

namespace Serverless.Partitions;

/// <summary>
/// A period of which rows are stored already is judged with them: a few rows that come back from quarantine are no small day. Two drops of a period may be on their way at once, so what was
/// said holds only of the partitions that were looked at: the commit that makes a drop visible is refused while they are not those of the history, and the period is judged again.
/// </summary>
internal sealed class DropVerdicts(MergedChecks merged, IDatasetHistory history)
{
    /// <summary>The files with the results of their periods, and what each was judged with.</summary>
    public async Task<(IReadOnlyList<PartitionFile> Files, IReadOnlyDictionary<string, IReadOnlyList<string>> With)> TogetherAsync(
        IReadOnlyList<PartitionFile> files, DatasetDefinition dataset, string sha256, IngestState state, CancellationToken cancel)
    {
        var with = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var file = state.Key[(state.Key.LastIndexOf('/') + 1)..];
        var stored = DatasetHistory.Current(await history.CommitsAsync(dataset.Name, cancel))
            .Where(p => !DropCommit.Replaces(p, sha256, file, state.Append)).ToLookup(p => p.Key, StringComparer.Ordinal);
        if (stored.Count == 0 || !files.Any(f => f.Inspection is not null && stored.Contains(f.Key))) return (files, with);
        var judged = new List<PartitionFile>(files.Count);
        foreach (var own in files)
        {
            PartitionRecord[] before = [.. stored[own.Key]];
            if (own.Inspection is not { } inspection || before.Length == 0)
            {
                judged.Add(own);
                continue;
            }

            judged.Add(own with { Together = true, Inspection = inspection with { Checks = await merged.JudgeAsync(dataset, own, before, cancel) } });
            with[own.Key] = [.. before.Select(p => p.Id)];
        }

        return (judged, with);
    }

    /// <summary>The drop with new verdicts of the periods whose partitions are not those it was judged with; null when all still hold.</summary>
    /// <param name="provisional">The commit as it would be: the drop's partitions are read as its own.</param>
    public async Task<CutDrop?> AgainAsync(
        CutDrop drop, IReadOnlyList<Commit> commits, DatasetDefinition dataset, IngestState state, Func<Commit> provisional, CancellationToken cancel)
    {
        var beside = DropCommit.Beside(drop, commits, state);
        var outdated = DropCommit.Outdated(drop, beside);
        if (outdated.Count == 0) return null;
        var own = provisional();
        var verdicts = new List<PeriodVerdict>();
        foreach (var key in outdated)
        {
            PartitionRecord[] period = [.. beside.GetValueOrDefault(key) ?? [], .. own.Partitions.Where(p => p.Key == key).Select(p => new PartitionRecord(p, own))];
            if (period.Length > 0) verdicts.Add(await merged.JudgeAsync(dataset, period, cancel));
        }

        var now = verdicts.ToDictionary(v => v.Key, StringComparer.Ordinal);
        return drop with
        {
            JudgedWith = beside.ToDictionary(p => p.Key, p => (IReadOnlyList<string>)[.. p.Value.Select(r => r.Id)], StringComparer.Ordinal),
            Verdicts = [.. drop.Verdicts.Where(v => !outdated.Contains(v.Key)), .. verdicts],
            Partitions = [.. drop.Partitions.Select(p => now.TryGetValue(p.Key, out var v) ? p with { Failed = v.Failed, Together = beside.ContainsKey(p.Key) } : p)],
            Failed = [.. drop.Failed.Where(f => !outdated.Any(k => Speaks(f, k))), .. verdicts.SelectMany(v => Failed(v.Key, v.Checks))],
            Judged = DropSignals.Judge(drop.Judged, verdicts.Select(v => (v.Key, v.Checks))),
        };
    }

    /// <summary>Checks that did not pass, with the partition in the message.</summary>
    public static IEnumerable<CheckResult> Failed(string key, IReadOnlyList<CheckResult> checks) => checks
        .Where(c => c.Outcome is Outcome.Failed or Outcome.Errored)
        .Select(c => c with { Message = c.Message is null ? $"partition {key}" : $"partition {key}: {c.Message}" });

    private static bool Speaks(CheckResult failed, string key) => failed.Message == $"partition {key}" || failed.Message?.StartsWith($"partition {key}: ", StringComparison.Ordinal) == true;
}
