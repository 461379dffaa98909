using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Serverless.Datasets;

namespace Serverless.Alerts;

/// <summary>
/// Something that was looked at, and whether it was bad: the raw material of alerts. Good news is published too, because a rule with hysteresis has to see that a
/// condition ended, and because calibration asks how often a rule would have fired.
/// </summary>
public sealed record Signal
{
    public int SchemaVersion { get; init; } = 1;

    public required SignalKind Kind { get; init; }

    /// <summary>Name of the dataset or model that it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>What was looked at, as reports name it: <c>completeness(delay)</c>, <c>wasserstein(distance)</c>, <c>arrival</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Key of the partition (<c>2001-01-05</c>) or of the window (<c>2001-01-01..2001-01-07</c>); null where there is none.</summary>
    public string? Period { get; init; }

    /// <summary>True: it was bad. False: it was looked at and was fine.</summary>
    public required bool Bad { get; init; }

    /// <summary>How much it matters when it is bad.</summary>
    public required Severity Severity { get; init; }

    public double? Value { get; init; }

    /// <summary>What the value was compared with, thresholds included: <c>completeness >= 0.95</c>.</summary>
    public string? Expectation { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Message { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The run that looked, if any.</summary>
    public string? Run { get; init; }

    /// <summary>Orders signals by time, then period, then identity; equal for equal signals.</summary>
    [JsonIgnore]
    internal string Sequence => At.UtcDateTime.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture) + "-" + Period + "-" + Id[10..];

    /// <summary>Equal for the same observation published again by a repeated step, so that it is kept once.</summary>
    [JsonIgnore]
    public string Id => At.UtcDateTime.ToString("HHmmssfff", CultureInfo.InvariantCulture) + "-" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001f', Kind, Subject, Name, Period, Run, Bad))).AsSpan(0, 8));
}

/// <summary>Where a signal comes from.</summary>
public enum SignalKind
{
    /// <summary>A check of a partition.</summary>
    Check,

    /// <summary>The share of a drop's rows that broke the contract.</summary>
    Quarantine,

    /// <summary>A drop that was refused as a whole.</summary>
    DropRejected,

    /// <summary>A metric against its own history.</summary>
    Anomaly,

    /// <summary>A column, the predictions or the label, against the reference.</summary>
    Drift,

    /// <summary>A change at the source that has a name: a unit, a column no longer filled, new categories, precision.</summary>
    UpstreamChange,

    /// <summary>Data that were due.</summary>
    Arrival,

    /// <summary>A scheduled pull.</summary>
    Source,

    /// <summary>A run that failed for good.</summary>
    RunFailed,

    /// <summary>A candidate at the gate.</summary>
    Gate,

    /// <summary>A served model: a version that could not be loaded, predictions that could not be logged.</summary>
    Serving,

    /// <summary>A rollout: how it goes, what its guards see, whether its flags can be read and written.</summary>
    Rollout,
}
