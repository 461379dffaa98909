using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Feedback;

/// <summary>A prediction with everything that was said about it. Nothing of the row itself: that stays in the prediction log, where it can be erased.</summary>
internal sealed record JoinedPrediction
{
    public int SchemaVersion { get; init; } = 1;

    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required int Version { get; init; }

    public required string Role { get; init; }

    public string? Rollout { get; init; }

    public string? Variant { get; init; }

    public string? Subject { get; init; }

    public required double[] Outputs { get; init; }

    public required string Prediction { get; init; }

    /// <summary>What the row adds to the model file's own metrics, once it is known what came true; a metric whose columns are missing is not there, one that gives no number is NaN.</summary>
    public IReadOnlyDictionary<string, double>? Own { get; init; }

    /// <summary>Of the definitions that <see cref="Own"/> was computed by.</summary>
    public string? OwnHash { get; init; }

    /// <summary>In the order in which they hold: of two that contradict each other the later one counts.</summary>
    public required IReadOnlyList<FeedbackEvent> Events { get; init; }

    /// <summary>What came true, as the newest label says.</summary>
    [JsonIgnore]
    public JsonElement? Actual => Last(e => e.Actual is not null)?.Actual;

    [JsonIgnore]
    public bool? Seen => Last(e => e.Seen is not null)?.Seen ?? (Used == true ? true : null);

    [JsonIgnore]
    public bool? Used => Last(e => e.Used is not null)?.Used;

    [JsonIgnore]
    public string? Opinion => Last(e => e.Opinion is not null)?.Opinion;

    /// <summary>How often a label contradicted the one before it.</summary>
    [JsonIgnore]
    public int Corrections => Events.Where(e => e.Actual is not null).Select(e => e.Actual!.Value.GetRawText()).ToList() is var labels ? labels.Zip(labels.Skip(1)).Count(p => p.First != p.Second) : 0;

    /// <summary>Somebody's clock is wrong: what came true was known before it was predicted.</summary>
    public bool IsEarly(TimeSpan skew) => Last(e => e.Actual is not null) is { Time: { } at } && at < Time - skew;

    /// <summary>How people call what answered: the part of its rollout, else its role.</summary>
    [JsonIgnore]
    public string Part => Role == Rollouts.RolloutVariant.Shadow ? Rollouts.RolloutVariant.Shadow : Variant is null or Rollouts.RolloutVariant.Shadow ? Role : Variant;

    private FeedbackEvent? Last(Func<FeedbackEvent, bool> says)
    {
        for (var i = Events.Count - 1; i >= 0; i--) if (says(Events[i])) return Events[i];
        return null;
    }
}
