using Serverless.Checks;
using Serverless.Datasets;

namespace Serverless.Partitions;

/// <summary>What the first step of an ingest leaves for the second, in <c>runs/&lt;run&gt;/drop.json</c>: too large for a record when a drop has many periods.</summary>
internal sealed record CutDrop
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>SHA-256 of the bytes that were read.</summary>
    public required string Drop { get; init; }

    public required string File { get; init; }

    public required long Bytes { get; init; }

    public required string ContractVersion { get; init; }

    public required long Quarantined { get; init; }

    public required IReadOnlyList<PartitionEntry> Partitions { get; init; }

    /// <summary>The partitions that a period was judged with beside this drop's own, by period; periods that were judged alone are not here.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> JudgedWith { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Periods that were judged again, because the history had moved on.</summary>
    public IReadOnlyList<PeriodVerdict> Verdicts { get; init; } = [];

    /// <summary>Checks that did not pass, with the partition in the message.</summary>
    public required IReadOnlyList<CheckResult> Failed { get; init; }

    /// <summary>What the checks said, as far as alerts are concerned.</summary>
    public IReadOnlyList<JudgedCheck> Judged { get; init; } = [];

    /// <summary>Columns of the drop that the contract does not have.</summary>
    public IReadOnlyList<string> NotStored { get; init; } = [];

    /// <summary>Contracted columns that the drop does not have.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];
}

/// <summary>Turns a cut drop into the next commit of the history.</summary>
internal static class DropCommit
{
    /// <summary>The commit that already holds these bytes under this contract.</summary>
    public static Commit? Holding(IReadOnlyList<Commit> commits, string drop, string contractVersion) =>
        commits.FirstOrDefault(c => c.Drop == drop && c.ContractVersion == contractVersion);

    /// <summary>Other bytes under the same name correct what that name brought before; the same bytes under another contract replace themselves.</summary>
    public static bool Replaces(PartitionRecord partition, string drop, string file, bool append) => partition.Commit.Drop == drop || (!append && partition.Commit.File == file);

    /// <summary>The current partitions that stay beside what a drop brings, by period; of a drop that is everything there is also in the periods that it ends others of.</summary>
    public static IReadOnlyDictionary<string, PartitionRecord[]> Beside(CutDrop drop, IReadOnlyList<Commit> commits, IngestState state)
    {
        var current = DatasetHistory.Current(commits).ToLookup(p => Replaces(p, drop.Drop, drop.File, state.Append));
        var periods = drop.Partitions.Select(p => p.Key).Concat(state.Whole ? current[true].Select(p => p.Key) : []).ToHashSet(StringComparer.Ordinal);
        return current[false].Where(p => periods.Contains(p.Key)).GroupBy(p => p.Key, StringComparer.Ordinal).ToDictionary(p => p.Key, p => p.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>Periods of which the verdict of a drop does not hold, because others stored, corrected or erased rows of them since.</summary>
    public static IReadOnlyList<string> Outdated(CutDrop drop, IReadOnlyDictionary<string, PartitionRecord[]> beside) =>
        [.. beside.Keys.Union(drop.JudgedWith.Keys, StringComparer.Ordinal).Where(key =>
            !(drop.JudgedWith.GetValueOrDefault(key) ?? []).ToHashSet(StringComparer.Ordinal).SetEquals((beside.GetValueOrDefault(key) ?? []).Select(p => p.Id)))];

    /// <summary>Null when the drop is in the history already.</summary>
    public static Commit? Build(CutDrop drop, IReadOnlyList<Commit> commits, int version, DatasetDefinition dataset, IngestState state, string run, DateTimeOffset now)
    {
        if (Holding(commits, drop.Drop, drop.ContractVersion) is not null) return null;

        var replaced = DatasetHistory.Current(commits)
            .Where(p => Replaces(p, drop.Drop, drop.File, state.Append))
            .ToLookup(p => p.Key, p => p.Id, StringComparer.Ordinal);
        // A drop that is everything there is also ends the periods that it has no rows for; the first partition carries that.
        var kept = drop.Partitions.Select(p => p.Key).ToHashSet(StringComparer.Ordinal);
        string[] gone = state.Whole ? [.. replaced.Where(k => !kept.Contains(k.Key)).SelectMany(k => k)] : [];
        return new Commit
        {
            SchemaVersion = drop.Verdicts.Count > 0 ? 3 : 1,
            Dataset = dataset.Name,
            Version = version,
            Drop = drop.Drop,
            File = drop.File,
            Bytes = drop.Bytes,
            // Reading as of a time relies on times that do not go back, whatever the clocks of the writers say.
            WrittenAt = commits.Count > 0 && commits[^1].WrittenAt > now ? commits[^1].WrittenAt : now,
            By = state.By,
            Origin = state.Origin,
            Run = run,
            ContractVersion = drop.ContractVersion,
            CodeVersion = CodeVersion.Current,
            Quarantined = drop.Quarantined,
            Verdicts = drop.Verdicts,
            Partitions = [.. drop.Partitions.Select((p, i) => p with { Supersedes = [.. replaced[p.Key], .. i == 0 ? gone : []] })],
        };
    }
}
