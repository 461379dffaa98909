using System.Text.Json.Nodes;

namespace Serverless.Scoring;

/// <summary>Makes predictions again from their records.</summary>
public interface IPredictionReplay
{
    /// <summary>
    /// Finds a prediction, loads the version that made it, whatever that is today, and computes it from what was recorded: the row as it came and the values that were looked up then. Stores nothing.
    /// </summary>
    /// <param name="id">Of a prediction, or <c>RUN/ROW</c> of a batch (rows count from 1).</param>
    /// <param name="model">Whose prediction it is, which saves a look into the logs of others; null = any.</param>
    /// <exception cref="Problems.RequestException">There is no such prediction.</exception>
    Task<PredictionReplayReport> ReplayAsync(string id, string? model = null, CancellationToken cancel = default);
}

public sealed record PredictionReplayReport
{
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Role { get; init; }

    public string? Segment { get; init; }

    public string? Protocol { get; init; }

    /// <summary>Every number is the same to the last bit, and so is the prediction.</summary>
    public required bool Equal { get; init; }

    /// <summary>Why it cannot be computed; null when it was.</summary>
    public string? Impossible { get; init; }

    /// <summary>What there still is where it cannot be computed.</summary>
    public IReadOnlyList<string> Remains { get; init; } = [];

    public required ReplayedAnswer Recorded { get; init; }

    /// <summary>Null where it cannot be computed.</summary>
    public ReplayedAnswer? Recomputed { get; init; }

    public IReadOnlyList<ReplayDifference> Differences { get; init; } = [];

    /// <summary>The row as it came.</summary>
    public JsonNode? Inputs { get; init; }

    /// <summary>What was looked up for it then.</summary>
    public JsonNode? LookedUp { get; init; }
}

/// <param name="Outputs">By class for multiclass; one number otherwise.</param>
public sealed record ReplayedAnswer(string Prediction, IReadOnlyList<double> Outputs);

/// <param name="Name"><c>prediction</c>, or <c>outputs[i]</c>.</param>
/// <param name="Difference">Of numbers: how far apart.</param>
public sealed record ReplayDifference(string Name, string Recorded, string Recomputed, double? Difference = null);
