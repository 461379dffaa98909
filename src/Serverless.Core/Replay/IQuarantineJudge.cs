using Serverless.Datasets;

namespace Serverless.Replay;

/// <summary>Judges quarantined rows by the contract as it is now.</summary>
public interface IQuarantineJudge
{
    /// <summary>
    /// Writes the rows that now fit into one drop (Parquet, the contracted columns as text), and for each file the rows that do not, with what is wrong with them now and the
    /// number that they had in their own drop. The same input gives the same bytes.
    /// </summary>
    /// <param name="paths">Quarantine files, on this machine.</param>
    /// <param name="arrived">Decides the partition of datasets that are partitioned by arrival.</param>
    /// <param name="mark">Made part of the drop's bytes: equal rows of another replay are other rows.</param>
    /// <param name="folder">Gets <c>drop.parquet</c>, and <c>left-0.parquet</c>, <c>left-1.parquet</c>, ...</param>
    Task<JudgedRows> JudgeAsync(IReadOnlyList<string> paths, DatasetDefinition dataset, DateTimeOffset arrived, string mark, string folder, CancellationToken cancel = default);
}

/// <param name="Drop">File with the rows that fit; null when none does.</param>
/// <param name="Files">For each quarantine file, in their order.</param>
public sealed record JudgedRows(string? Drop, IReadOnlyList<JudgedFile> Files);

/// <param name="Fit">Rows that fit the contract now.</param>
/// <param name="Left">Rows that do not, broken lines included.</param>
/// <param name="Path">File with those that are left; null when none is.</param>
public sealed record JudgedFile(long Fit, long Left, string? Path);
