using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Feedback;

/// <summary>One thing that somebody said about a prediction, as it is stored: never changed, never removed. What holds of a prediction follows from all its events together.</summary>
public sealed record FeedbackEvent
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Unique; sorts by arrival within a process.</summary>
    public required string Id { get; init; }

    /// <summary>When it arrived, by the clock of whoever took it.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>When it became true, as the sender says; null = when it arrived.</summary>
    public DateTimeOffset? Time { get; init; }

    public string? PredictionId { get; init; }

    /// <summary>The business key; with a <see cref="PredictionId"/> only information.</summary>
    public string? Key { get; init; }

    /// <summary>What came true: a truth, a number or a text; null = not said.</summary>
    public JsonElement? Actual { get; init; }

    public bool? Seen { get; init; }

    public bool? Used { get; init; }

    public string? Opinion { get; init; }

    public string? Comment { get; init; }

    /// <summary>Who sent it.</summary>
    public string? By { get; init; }

    /// <summary>What decides which of two that contradict each other holds: the later one, by its own time, then by arrival.</summary>
    [JsonIgnore]
    internal (DateTimeOffset At, DateTimeOffset Received, string Id) Order => (Time ?? Received, Received, Id);
}

/// <summary>What somebody wants to say about a prediction, before it is stored.</summary>
public sealed record FeedbackItem
{
    /// <summary>Null = the workspace's only model, or the one of the prediction's id.</summary>
    public string? Model { get; init; }

    public string? PredictionId { get; init; }

    public string? Key { get; init; }

    public DateTimeOffset? Time { get; init; }

    public JsonElement? Actual { get; init; }

    public bool? Seen { get; init; }

    public bool? Used { get; init; }

    public string? Opinion { get; init; }

    public string? Comment { get; init; }
}

/// <param name="Accepted">Stored: a crash right after the answer loses none of them.</param>
/// <param name="Rejected">Not stored, each with the reason.</param>
public sealed record FeedbackReceipt(int Accepted, IReadOnlyList<RejectedFeedback> Rejected);

/// <param name="Index">Position in what was sent, from 0.</param>
/// <param name="Field">What is wrong, such as <c>items[3].actual</c>.</param>
public sealed record RejectedFeedback(int Index, string Field, string Reason, string? PredictionId = null, string? Key = null);
