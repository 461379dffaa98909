using Serverless.Models;
using Serverless.Registry;

namespace Serverless.Rollouts;

/// <summary>One rollout of a model: what is released to whom, on which terms, and everything that happened to it. Changed by compare-and-swap only.</summary>
public sealed record RolloutRecord
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary><c>flight-delay-r7</c>; also what subjects are salted with.</summary>
    public required string Id { get; init; }

    public required string Model { get; init; }

    /// <summary>1, 2, ... for each model.</summary>
    public required int Number { get; init; }

    public required RolloutKind Kind { get; init; }

    public required RolloutState State { get; init; }

    /// <summary>Champion when it began. When another version becomes champion meanwhile, the rollout is over.</summary>
    public required int Champion { get; init; }

    /// <summary>Version that it is about; of several, the first that is not the champion. While it is promoted, and afterwards: the version that becomes champion.</summary>
    public required int Challenger { get; init; }

    /// <summary>Who has which share at present.</summary>
    public required IReadOnlyList<RolloutVariant> Variants { get; init; }

    /// <summary>As the model file stated them when it began.</summary>
    public required RolloutDefinition Terms { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Since when the shares are as they are; never goes back, whichever clock wrote it.</summary>
    public required DateTimeOffset StepAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>1, 2, ... with each change.</summary>
    public required int Revision { get; init; }

    /// <summary>The training run that asked for it; null when a person did.</summary>
    public string? Run { get; init; }

    /// <summary>What was counted when the present shares began.</summary>
    public IReadOnlyList<VariantTotals> Before { get; init; } = [];

    /// <summary>The least always-valid p-value so far, by variant: it stays valid only as a running minimum.</summary>
    public IReadOnlyDictionary<string, double> LeastP { get; init; } = new Dictionary<string, double>();

    /// <summary>Why it is where it is, for people.</summary>
    public required string Reason { get; init; }

    /// <summary>Every move, oldest first; the audit is completed from here.</summary>
    public required IReadOnlyList<AuditEntry> History { get; init; }

    public bool Active => State is RolloutState.Running or RolloutState.Paused or RolloutState.Promoting;

    /// <summary>Percent of subjects that a variant has; 0 when it is not there.</summary>
    public double Percent(string variant) => Variants.FirstOrDefault(v => v.Name == variant)?.Percent ?? 0;
}

/// <param name="Name"><c>champion</c>, <c>challenger</c>, or the number of a version.</param>
/// <param name="Percent">Of the subjects that take part.</param>
public sealed record RolloutVariant(string Name, int Version, double Percent)
{
    public const string Champion = "champion", Challenger = "challenger", Shadow = "shadow";
}

public enum RolloutState
{
    Running,

    /// <summary>Shares stay as they are until a person says otherwise; guards still watch.</summary>
    Paused,

    /// <summary>Decided; the alias is being moved.</summary>
    Promoting,

    /// <summary>The challenger is champion.</summary>
    Promoted,

    /// <summary>A guard brought everybody back to the champion.</summary>
    RolledBack,

    /// <summary>A person, or a champion from elsewhere, ended it.</summary>
    Aborted,

    /// <summary>It is over without a new champion: a shadow's time is up, an A/B test found no difference.</summary>
    Ended,
}

/// <summary>Which state may follow which.</summary>
internal static class RolloutTransitions
{
    private static readonly Dictionary<RolloutState, RolloutState[]> Allowed = new()
    {
        [RolloutState.Running] = [RolloutState.Running, RolloutState.Paused, RolloutState.Promoting, RolloutState.RolledBack, RolloutState.Aborted, RolloutState.Ended],
        [RolloutState.Paused] = [RolloutState.Running, RolloutState.Promoting, RolloutState.RolledBack, RolloutState.Aborted],
        [RolloutState.Promoting] = [RolloutState.Promoted, RolloutState.Aborted],
    };

    public static bool May(RolloutState from, RolloutState to) => Allowed.TryGetValue(from, out var next) && next.Contains(to);
}

/// <summary>A rollout cannot go where it was asked to: it is paused already, or over.</summary>
public sealed class RolloutTransitionException(RolloutRecord rollout, RolloutState to, string verb)
    : Problems.RefusedException($"rollout '{rollout.Id}' cannot be {verb}: it is {Word(rollout.State)} ({rollout.Reason})")
{
    public string Rollout { get; } = rollout.Id;

    public RolloutState From { get; } = rollout.State;

    public RolloutState To { get; } = to;

    internal static string Word(RolloutState state) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString()).Replace('-', ' ');
}
