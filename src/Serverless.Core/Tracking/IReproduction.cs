using Serverless.Runs;

namespace Serverless.Tracking;

/// <summary>Trains again what a run trained, from what the run recorded.</summary>
public interface IReproduction
{
    /// <exception cref="Problems.RequestException">There is no such run, or it is not a training.</exception>
    Task<ReproductionReport> ReproduceAsync(string run, IProgress<RunProgress>? progress = null, CancellationToken cancel = default);
}

/// <summary>Whether a training came out the same again.</summary>
public sealed record ReproductionReport
{
    public required string Run { get; init; }

    public required string Model { get; init; }

    /// <summary>Same bytes of the model and same figures.</summary>
    public required bool Equal { get; init; }

    /// <summary>Why it could not be repeated; null when it was.</summary>
    public string? Impossible { get; init; }

    /// <summary>SHA-256 of model.zip as recorded, and now.</summary>
    public string? RecordedSha256 { get; init; }

    public string? Sha256 { get; init; }

    /// <summary>What came out otherwise.</summary>
    public IReadOnlyList<RunDifference> Differences { get; init; } = [];

    /// <summary>What is not the same now and may explain it: code version, library, processors.</summary>
    public IReadOnlyList<RunDifference> Conditions { get; init; } = [];

    public double? Seconds { get; init; }
}
