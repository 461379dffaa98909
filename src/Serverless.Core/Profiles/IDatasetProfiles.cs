using Serverless.Partitions;

namespace Serverless.Profiles;

/// <summary>Profiles of any set of partitions, merged from those that lie beside them: rows are not read again.</summary>
public interface IDatasetProfiles
{
    /// <summary>
    /// The profile of one partition as it was stored, with states. A profile without states (version 1), or one of a contract whose types were others, is made again
    /// from the partition's rows.
    /// </summary>
    /// <exception cref="Problems.DataException">A newer program wrote the profile, or it is damaged.</exception>
    Task<Profile> OfAsync(string dataset, PartitionRecord partition, CancellationToken cancel = default);

    /// <summary>The partitions taken together, in columns as the contract has them now. Empty when there are none.</summary>
    Task<ProfileState> MergeAsync(string dataset, IReadOnlyList<PartitionRecord> partitions, CancellationToken cancel = default);

    /// <summary>Those of a query, by day, week or month; periods without partitions are left out.</summary>
    /// <exception cref="Problems.RequestException">The dataset's partitions are longer than the periods.</exception>
    Task<IReadOnlyList<PeriodProfile>> ByAsync(string dataset, PartitionQuery query, ProfileGrain by, CancellationToken cancel = default);
}

/// <summary>Length of the periods that partitions are merged into.</summary>
public enum ProfileGrain
{
    Day,

    /// <summary>Weeks of ISO 8601: Monday to Sunday.</summary>
    Week,
    Month,
}

/// <param name="Period"><c>2001-01-05</c>, <c>2001-W01</c> or <c>2001-01</c>.</param>
/// <param name="Start">First moment, UTC.</param>
/// <param name="End">First moment after it, UTC.</param>
/// <param name="Partitions">How many were merged.</param>
public sealed record PeriodProfile(string Period, DateTimeOffset Start, DateTimeOffset End, int Partitions, ProfileState State);
