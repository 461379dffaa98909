using Serverless.Datasets;

namespace Serverless.Arrival;

/// <summary>A stretch of time whose data are expected.</summary>
/// <param name="Key">As people and reports name it: <c>2001-01-05</c>, <c>2001-01</c>, <c>2001-01-05T13</c>, <c>2001-01-01..2001-01-07</c>.</param>
/// <param name="Start">Included, UTC.</param>
/// <param name="End">Excluded, UTC.</param>
/// <param name="Due">From then on the data are late.</param>
/// <param name="Deadline">From then on they are missed, and the policy applies.</param>
public sealed record ExpectedPeriod(string Key, DateTimeOffset Start, DateTimeOffset End, DateTimeOffset Due, DateTimeOffset Deadline);

public enum ArrivalOutcome
{
    /// <summary>Nothing was due since the dataset is watched.</summary>
    Waiting,

    OnTime,

    /// <summary>Due and not there; the deadline has not passed.</summary>
    Late,

    /// <summary>Not there at the deadline.</summary>
    Missed,

    /// <summary>It came after it was due.</summary>
    ArrivedLate,
}

/// <summary>Something that was found about a period's data. Kept in table <c>arrivals</c>; never changed, and kept once however many processes look.</summary>
public sealed record ArrivalEvent
{
    public int SchemaVersion { get; init; } = 1;

    public required string Dataset { get; init; }

    /// <summary>Key of the period.</summary>
    public required string Period { get; init; }

    public required ArrivalOutcome Outcome { get; init; }

    public required DateTimeOffset Due { get; init; }

    public required DateTimeOffset Deadline { get; init; }

    /// <summary>When it was found.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When the data were stored; null while they are missing.</summary>
    public DateTimeOffset? ArrivedAt { get; init; }

    /// <summary>Version of the dataset that brought them.</summary>
    public int? Version { get; init; }

    public required string Message { get; init; }
}

/// <summary>How the data of a dataset stand against what was promised.</summary>
public sealed record ArrivalState
{
    public int SchemaVersion { get; init; } = 1;

    public required string Dataset { get; init; }

    /// <summary>Periods that were due before are not asked for.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    public ArrivalOutcome Outcome { get; init; }

    /// <summary>The period that the outcome is about; null while nothing was due.</summary>
    public string? Period { get; init; }

    public DateTimeOffset? Due { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    public DateTimeOffset? ArrivedAt { get; init; }

    /// <summary>Periods that were missed and have not come yet, oldest first; at most 31.</summary>
    public IReadOnlyList<ExpectedPeriod> Missing { get; init; } = [];

    /// <summary>The newest data are older than a period that was missed: who predicts now does so without it.</summary>
    public bool Fallback { get; init; }

    /// <summary>Key of the newest partition; null when there is none.</summary>
    public string? LastData { get; init; }

    /// <summary>What <c>onMissing</c> asks for.</summary>
    public MissingPolicy OnMissing { get; init; }

    /// <summary>Start of the period that is decided next.</summary>
    public required DateTimeOffset Next { get; init; }

    /// <summary>Version of the dataset that brought the last decided period.</summary>
    public int Version { get; init; }

    /// <summary>One sentence while <see cref="Fallback"/>: <c>dataset flights: partition 2001-03-02 missing since 2001-03-03T04:00:00Z; last data 2001-03-01</c>.</summary>
    public string? Note()
    {
        if (!Fallback || Missing.Count == 0) return null;
        var what = Missing.Count == 1 ? $"partition {Missing[0].Key}" : $"partitions {Missing[0].Key} to {Missing[^1].Key} ({Missing.Count})";
        return $"dataset {Dataset}: {what} missing since {Missing[0].Due.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; {(LastData is null ? "there are no data" : $"last data {LastData}")}";
    }

    /// <summary>Why nothing may be trained or predicted now; null when it may.</summary>
    public string? Refusal() => OnMissing == MissingPolicy.Stop && Note() is { } note ? $"{note} (onMissing: stop)" : null;
}

/// <summary>Whether the data that were promised are there.</summary>
public interface IArrivals
{
    /// <summary>
    /// Looks now: decides what has come due since the last look, keeps and publishes it, and returns where the dataset stands. May be repeated and done by many at
    /// once. Null when the dataset has no <c>arrival</c>.
    /// </summary>
    Task<ArrivalState?> LookAsync(string dataset, CancellationToken cancel = default);

    /// <summary>What was found, oldest period first.</summary>
    Task<IReadOnlyList<ArrivalEvent>> ListAsync(string dataset, CancellationToken cancel = default);
}
