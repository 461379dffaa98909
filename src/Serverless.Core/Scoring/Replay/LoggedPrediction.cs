namespace Serverless.Scoring;

/// <summary>A prediction as it stands in the log.</summary>
public sealed record LoggedPrediction
{
    public required string Id { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime Time { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Role { get; init; }

    public string? Subject { get; init; }

    /// <summary>The row as a JSON object.</summary>
    public required string Inputs { get; init; }

    /// <summary>What was looked up for it, a JSON object; null when nothing was, or the record is older than the column.</summary>
    public string? LookedUp { get; init; }

    public required IReadOnlyList<double> Outputs { get; init; }

    public required string Prediction { get; init; }

    public string? Notes { get; init; }

    /// <summary>Null for records older than the column.</summary>
    public string? Protocol { get; init; }

    public string? Key { get; init; }

    public string? Segment { get; init; }
}

/// <summary>Looks into files of the prediction log.</summary>
public interface ILoggedPredictions
{
    /// <summary>The record of an id in any of these Parquet files; null when none has it. Files of before a column lack it.</summary>
    /// <exception cref="Problems.DataException">A file cannot be read.</exception>
    Task<LoggedPrediction?> FindAsync(IReadOnlyList<string> paths, string id, CancellationToken cancel = default);
}
