using System.Text.Json.Serialization;
using Serverless.Checks;
using Serverless.Profiles;

namespace Serverless.Partitions;

/// <summary>Checks and profiles on request: of a file that is not stored, or of what is stored. Stores nothing.</summary>
public interface IDatasetInspector
{
    /// <summary>What the contract and the checks of a dataset say to a file of this machine, as if it were dropped now.</summary>
    Task<DatasetCheck> CheckFileAsync(string dataset, string path, CancellationToken cancel = default);

    /// <summary>The checks over the current partitions taken together.</summary>
    /// <param name="key">Beginning of the keys that are wanted: <c>2001-01-05</c>, <c>2001-01</c>; null = all.</param>
    /// <exception cref="Problems.DataException">No partition has such a key.</exception>
    Task<DatasetCheck> CheckAsync(string dataset, string? key = null, AsOf? asOf = null, CancellationToken cancel = default);

    /// <summary>The checks over some partitions: each alone, and all together.</summary>
    Task<DatasetCheck> CheckAsync(string dataset, IReadOnlyList<PartitionRecord> partitions, CancellationToken cancel = default);

    /// <summary>Profile of a file of this machine, types detected.</summary>
    Task<Profile> ProfileFileAsync(string path, CancellationToken cancel = default);

    /// <summary>Profile of the current partitions taken together, merged from theirs (see <see cref="IDatasetProfiles"/>).</summary>
    Task<Profile> ProfileAsync(string dataset, string? key = null, AsOf? asOf = null, CancellationToken cancel = default);
}

/// <summary>The answer to a check on request.</summary>
public sealed record DatasetCheck
{
    public required CheckStatus Status { get; init; }

    /// <summary>Why the file as a whole is not what the contract says.</summary>
    public string? Reason { get; init; }

    public required long Rows { get; init; }

    /// <summary>Rows that break the contract; for stored partitions those that were kept out when they were written.</summary>
    public required long Quarantined { get; init; }

    /// <summary>Of all rows together, from the merged states of the partitions.</summary>
    public IReadOnlyList<CheckResult> Checks { get; init; } = [];

    /// <summary>Of each partition alone, as ingestion judges it.</summary>
    public IReadOnlyList<PartitionVerdict> Partitions { get; init; } = [];

    /// <summary>How often rows were read for this answer; 0 when all of it was known from states.</summary>
    public int Scans { get; init; }

    /// <summary>Metrics for which rows had to be read again: their states were not stored, or do not merge.</summary>
    public IReadOnlyList<string> Reread { get; init; } = [];
}

/// <summary>What the checks say of one partition.</summary>
public sealed record PartitionVerdict(string Key, string Id, IReadOnlyList<CheckResult> Checks);

/// <summary>Passed unless a check of severity error or critical failed or could not be computed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckStatus>))]
public enum CheckStatus
{
    [JsonStringEnumMemberName("passed")] Passed,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("rejected")] Rejected,
}
