using Serverless.Datasets;

namespace Serverless.Models;

/// <summary>How feedback is joined and judged, as the section <c>feedback</c> of the model file states it.</summary>
public sealed record FeedbackDefinition
{
    public const int DefaultMinLabels = 200;

    /// <summary>Column of the dataset that names what is predicted (a booking, a customer); null = the key that callers give with their requests.</summary>
    public string? Key { get; init; }

    /// <summary>Metric by which the champion is judged when labels are there; null = that of the gate.</summary>
    public string? Metric { get; init; }

    /// <summary>Predictions of the last stretch are judged together.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long before its label a prediction may have been made, for labels by key.</summary>
    public TimeSpan Lookback { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Nothing is concluded from fewer labels.</summary>
    public int MinLabels { get; init; } = DefaultMinLabels;

    /// <summary>Rules for metrics of the champion day by day.</summary>
    public IReadOnlyList<AnomalyDefinition> Anomalies { get; init; } = [];

    public int Line { get; init; }
}
