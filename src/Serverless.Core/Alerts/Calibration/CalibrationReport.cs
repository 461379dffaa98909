namespace Serverless.Alerts;

/// <summary>Asks how often each rule would have fired on what was seen.</summary>
public interface ICalibration
{
    /// <param name="from">First day of the data (of the looking, for what has no period); null = from the beginning.</param>
    /// <param name="to">Last day; null = to the end.</param>
    Task<CalibrationReport> RunAsync(DateOnly? from, DateOnly? to, CancellationToken cancel = default);
}

/// <summary>How often each rule would have fired.</summary>
public sealed record CalibrationReport
{
    public DateOnly? From { get; init; }

    public DateOnly? To { get; init; }

    /// <summary>Days with anything to look at.</summary>
    public required int Days { get; init; }

    /// <summary>Stored signals that were looked at.</summary>
    public required int Signals { get; init; }

    /// <summary>Results of checks from partitions that are older than the signals.</summary>
    public required int FromHistory { get; init; }

    public required IReadOnlyList<CalibratedRule> Rules { get; init; }

    /// <summary>Bad signals that no rule takes.</summary>
    public required int Untaken { get; init; }
}

public sealed record CalibratedRule
{
    public required string Rule { get; init; }

    public bool Muted { get; init; }

    /// <summary>Signals that it takes, and how many of them were bad.</summary>
    public required int Looks { get; init; }

    public required int Bad { get; init; }

    /// <summary>How often an alert would have begun.</summary>
    public required int Fired { get; init; }

    /// <summary>How often people would have been told, after cooldown.</summary>
    public required int Told { get; init; }

    public required IReadOnlyList<FiredDay> Days { get; init; }

    public required IReadOnlyList<FiredAlert> Alerts { get; init; }
}

public sealed record FiredDay(DateOnly Day, int Fired);

/// <param name="Title">What it said the last time.</param>
public sealed record FiredAlert(string Alert, string Title, int Fired);
