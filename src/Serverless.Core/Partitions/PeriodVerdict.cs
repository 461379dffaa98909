using Serverless.Checks;
using Serverless.Datasets;

namespace Serverless.Partitions;

/// <summary>
/// What the checks say of exactly these partitions of a period together. Partitions never change, so it stays true of them; of any other set it says nothing. It is written where the
/// newest partition of a period cannot carry it: another drop of the period landed since it was judged, or a partition was erased or ended by a correction that has no rows of the period.
/// </summary>
public sealed record PeriodVerdict
{
    public required string Key { get; init; }

    /// <summary>Ids of all partitions of the period.</summary>
    public required IReadOnlyList<string> Partitions { get; init; }

    /// <summary>Severity of the worst check that failed; null when all passed.</summary>
    public Severity? Failed { get; init; }

    public required IReadOnlyList<CheckResult> Checks { get; init; }

    internal bool SpeaksOf(IReadOnlyCollection<string> ids) => Partitions.Count == ids.Count && Partitions.All(ids.Contains);
}
