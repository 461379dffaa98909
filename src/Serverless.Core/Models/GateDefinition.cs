using Serverless.Datasets;

namespace Serverless.Models;

/// <summary>What a candidate has to show before it may take the champion's place, as the section <c>gate</c> of the model file states it.</summary>
public sealed record GateDefinition
{
    public const double DefaultConfidence = 0.95;

    /// <summary>Name of the metric that decides: auc, accuracy, log-loss, f1, rmse, mae, r2, macro-f1, ...; null = the task's default.</summary>
    public string? Metric { get; init; }

    /// <summary>The least that is accepted, for metrics where more is better.</summary>
    public double? Min { get; init; }

    /// <summary>The most that is accepted, for metrics where less is better.</summary>
    public double? Max { get; init; }

    /// <summary>How much worse than the champion a candidate may be on the same holdout.</summary>
    public double Tolerance { get; init; }

    /// <summary>Of the interval of the difference from the champion; null = not stated: 0.95, for information.</summary>
    public double? Confidence { get; init; }

    /// <summary>What of the comparison with the champion decides; null = not stated.</summary>
    public GateDecision? Decide { get; init; }

    /// <summary>The estimate, unless a confidence is stated: then a champion is only kept from what is proven worse.</summary>
    public GateDecision Decision => Decide ?? (Confidence is null ? GateDecision.Estimate : GateDecision.ProvenWorse);

    public IReadOnlyList<GuardDefinition> Guards { get; init; } = [];

    public GateFailure OnFailure { get; init; } = GateFailure.KeepChampion;

    public int Line { get; init; }
}

/// <summary>When a candidate counts as worse than the champion.</summary>
public enum GateDecision
{
    /// <summary>The figure is worse by more than the tolerance.</summary>
    Estimate,

    /// <summary>The whole interval of the difference is worse than the tolerance allows: chance alone refuses nobody.</summary>
    ProvenWorse,

    /// <summary>Any of the interval is: who is not proven to be good enough does not pass (non-inferiority).</summary>
    NonInferior,

    /// <summary>The interval does not lie on the better side of zero: only a proven improvement passes (superiority).</summary>
    Better,
}

public enum GateFailure { KeepChampion, Tune, Stop }

/// <summary>One guard with its settings as written.</summary>
/// <param name="Guard">Its name: slices, fairness, calibration, latency, size, stability, metric.</param>
/// <param name="Line">Where its name stands in the YAML file, for messages.</param>
public sealed record GuardDefinition(string Guard, IReadOnlyDictionary<string, Parameter> Settings, int Line = 0, int Column = 1);
