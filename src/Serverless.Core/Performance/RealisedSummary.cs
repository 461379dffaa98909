using Serverless.Feedback;
using Serverless.Series.Anomalies;

namespace Serverless.Performance;

/// <summary>What is known of a model's predictions by their outcomes, as the last join left it.</summary>
public sealed record RealisedSummary
{
    public int SchemaVersion { get; init; } = 1;

    public required string Model { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The metric by which the champion is judged.</summary>
    public required string Metric { get; init; }

    /// <summary>The window that is judged together.</summary>
    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    /// <summary>Over the window, by version and variant.</summary>
    public required IReadOnlyList<RealisedGroup> Groups { get; init; }

    /// <summary>Null without a champion.</summary>
    public ConceptDriftReport? Drift { get; init; }

    /// <summary>What the model file's rules say of the champion's newest day.</summary>
    public IReadOnlyList<AnomalyResult> Anomalies { get; init; } = [];

    public required UnmatchedFeedback Unmatched { get; init; }

    /// <summary>The champion for which a training was asked for, and when.</summary>
    public int? AskedFor { get; init; }

    public DateTimeOffset? AskedAt { get; init; }
}

/// <summary>Feedback that found no prediction. It is kept, and joined when the prediction appears.</summary>
/// <param name="Waiting">All of it.</param>
/// <param name="Overdue">Of it, what waits longer than a prediction takes to be logged (a day).</param>
/// <param name="Events">All feedback of the model that ever came.</param>
/// <param name="Examples">Ids and keys of the newest, at most twenty.</param>
public sealed record UnmatchedFeedback(int Waiting, int Overdue, long Events, IReadOnlyList<string> Examples)
{
    private const int MostExamples = 20;

    internal static UnmatchedFeedback Of(JoinState state, DateTimeOffset now, FeedbackOptions options) => new(
        state.Waiting.Count, state.Waiting.Count(e => e.Received < now - options.UnmatchedAfter), state.Events,
        [.. state.Waiting.OrderByDescending(e => e.Received).Take(MostExamples).Select(e => e.PredictionId ?? $"key {e.Key}")]);
}
