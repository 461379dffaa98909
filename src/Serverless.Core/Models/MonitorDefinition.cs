using Serverless.Datasets;
using Serverless.Drift;

namespace Serverless.Models;

/// <summary>How new data and predictions are compared with what the champion learned from, as the section <c>monitor</c> of the model file states it.</summary>
public sealed record MonitorDefinition
{
    /// <summary>Compare so often even when no data came; null = only when data came.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>Only the last stretch of the data that are newer than the champion's training window; null = all of them.</summary>
    public TimeSpan? Window { get; init; }

    public Parameter? Method { get; init; }

    public double? Threshold { get; init; }

    public PValueCorrection Correction { get; init; } = PValueCorrection.None;

    public double Share { get; init; } = DriftDefaults.Share;

    public Parameter? Columns { get; init; }

    public int Line { get; init; }

    public DriftSettings Settings(int seed = 42) => new()
    {
        Method = Method?.Text ?? DriftSettings.Auto, Threshold = Threshold, Correction = Correction, Share = Share, Columns = Columns?.Items, Seed = seed,
    };
}
