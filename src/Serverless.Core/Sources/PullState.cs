using System.Text.Json.Serialization;
using Serverless.Partitions;

namespace Serverless.Sources;

/// <summary>What a pull run remembers.</summary>
public sealed record PullState
{
    public required string Dataset { get; init; }

    public required string Source { get; init; }

    /// <summary>The time that the pull is about: of the schedule's occurrence, or when it was asked for.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who or what asked: <c>schedule</c>, <c>arrival</c>, <c>input</c>, <c>cli:alice</c>.</summary>
    public required string By { get; init; }

    public required string Reason { get; init; }

    /// <summary>How often the source asked to come back later.</summary>
    public int Waits { get; init; }

    public PullReport? Report { get; init; }
}

/// <summary>What became of a pull.</summary>
public sealed record PullReport
{
    public required string Run { get; init; }

    public required string Dataset { get; init; }

    public required string Source { get; init; }

    public required PullStatus Status { get; init; }

    /// <summary>Key of the period, for sources that are pulled by period.</summary>
    public string? Period { get; init; }

    /// <summary>Why there was nothing, why it failed, or what was rejected.</summary>
    public string? Reason { get; init; }

    /// <summary>At most 100 drops; their number is <see cref="Files"/>.</summary>
    public IReadOnlyList<DropReport> Drops { get; init; } = [];

    public int Files { get; init; }

    /// <summary>How far the source was read after this.</summary>
    public string? Until { get; init; }

    public IReadOnlyList<string> Remarks { get; init; } = [];
}

[JsonConverter(typeof(JsonStringEnumConverter<PullStatus>))]
public enum PullStatus
{
    /// <summary>Drops were brought and accepted (or were there already).</summary>
    [JsonStringEnumMemberName("stored")] Stored,

    [JsonStringEnumMemberName("nothing-new")] NothingNew,

    /// <summary>A drop is not the contract's at all; the mark stays, so the next pull fetches it again.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,

    [JsonStringEnumMemberName("failed")] Failed,
}
