using System.Text.Json.Serialization;
using Serverless.Checks;

namespace Serverless.Partitions;

/// <summary>What became of one drop.</summary>
public sealed record DropReport
{
    public required string File { get; init; }

    public required DropStatus Status { get; init; }

    public string? Run { get; init; }

    public IReadOnlyList<StoredPartition> Partitions { get; init; } = [];

    public long Quarantined { get; init; }

    /// <summary>Why it was rejected, or what makes it a duplicate.</summary>
    public string? Reason { get; init; }

    /// <summary>Version of the dataset that holds it.</summary>
    public int? Version { get; init; }

    /// <summary>Results of the checks that did not pass, over all partitions of the drop.</summary>
    public IReadOnlyList<CheckResult> Failed { get; init; } = [];

    /// <summary>Columns of the drop that the contract does not have: nothing of them is stored. At most 100.</summary>
    public IReadOnlyList<string> NotStored { get; init; } = [];

    /// <summary>Contracted columns that the drop does not have (a renamed one is such): empty in every row. At most 100.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>What those who watch the data say of it: anomalies, for one. A sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

[JsonConverter(typeof(JsonStringEnumConverter<DropStatus>))]
public enum DropStatus
{
    [JsonStringEnumMemberName("stored")] Stored,
    [JsonStringEnumMemberName("duplicate")] Duplicate,
    [JsonStringEnumMemberName("rejected")] Rejected,
}

public sealed record StoredPartition(string Id, string Key, long Rows);
