namespace Serverless.Models;

public enum RolloutKind { None, Shadow, Canary, Ab, Bandit, Pilot }

/// <summary>How a version that passed its gate takes over, as the section <c>rollout</c> of the model file states it. Each kind reads what it needs.</summary>
public sealed record RolloutDefinition
{
    public RolloutKind Kind { get; init; } = RolloutKind.None;

    /// <summary>Canary: percent of subjects at first, and so many more at each step.</summary>
    public double Start { get; init; } = 2;

    public double Step { get; init; } = 1;

    /// <summary>Canary: how long each share stays. Bandit: how often shares are set anew.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Canary: answers of the challenger that a step has to have seen before the next; 0 = time alone is enough.</summary>
    public long AtLeast { get; init; } = 1;

    /// <summary>Shadow: percent of subjects whose rows the challenger answers in the dark.</summary>
    public double Share { get; init; } = 100;

    /// <summary>Shadow: how long it lasts; null = until a person ends it. A/B: the longest it may last.</summary>
    public TimeSpan? For { get; init; }

    /// <summary>What may end it by itself; null = errors and latency with their defaults.</summary>
    public IReadOnlyList<GuardDefinition>? Guards { get; init; }

    /// <summary>Pilot: subjects and groups that the challenger answers.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>A/B: percent of subjects by variant (<c>champion</c>, <c>challenger</c>, or the number of a version). Bandit: its arms. Empty = champion and challenger alike.</summary>
    public IReadOnlyList<SplitPart> Split { get; init; } = [];

    /// <summary>A/B, bandit: the outcome that decides; null = the share of right predictions.</summary>
    public string? Metric { get; init; }

    /// <summary>A/B, bandit: less of the metric is better.</summary>
    public bool LessIsBetter { get; init; }

    /// <summary>A/B: the least difference worth finding, in the metric's own unit.</summary>
    public double Effect { get; init; } = 0.02;

    /// <summary>A/B: the metric's present value, for the plan of a share; null = what the champion had on its holdout, else one half.</summary>
    public double? Baseline { get; init; }

    /// <summary>A/B: standard deviation of the metric for one subject, where it is no share; null = it is one.</summary>
    public double? Deviation { get; init; }

    public double Power { get; init; } = 0.8;

    public double Confidence { get; init; } = 0.95;

    /// <summary>A/B: subjects first met in this first stretch do not count: people look at what is new.</summary>
    public TimeSpan Novelty { get; init; }

    public ExperimentReading Reading { get; init; } = ExperimentReading.Sequential;

    /// <summary>A/B: a winner becomes champion by itself; false = it is said, and a person decides.</summary>
    public bool PromoteWinner { get; init; } = true;

    public BanditAlgorithm Algorithm { get; init; } = BanditAlgorithm.Thompson;

    public double Epsilon { get; init; } = 0.1;

    /// <summary>Bandit: percent of subjects that every arm keeps.</summary>
    public double Floor { get; init; } = 1;

    /// <summary>Bandit: outcomes come so late; subjects first met more recently do not count yet. 0 = at once.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Bandit: weight of a day's outcomes for each day that has passed since; 1 = the world does not change.</summary>
    public double Discount { get; init; } = 1;

    /// <summary>Rollouts of one layer divide its subjects among themselves by <see cref="From"/> and <see cref="To"/>; null = a layer of its own.</summary>
    public string? Layer { get; init; }

    /// <summary>Percent of the layer's subjects that take part: [From, To).</summary>
    public double From { get; init; }

    public double To { get; init; } = 100;

    public int Line { get; init; }
}

/// <param name="Variant"><c>champion</c>, <c>challenger</c>, or the number of a version.</param>
public sealed record SplitPart(string Variant, double Percent);

/// <summary>When an A/B test may be read.</summary>
public enum ExperimentReading
{
    /// <summary>At any time: an always-valid p-value (mSPRT).</summary>
    Sequential,

    /// <summary>Once, when the planned number of subjects is there.</summary>
    Fixed,
}

public enum BanditAlgorithm { Thompson, EpsilonGreedy }
