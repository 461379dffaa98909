using Serverless.Gating;
using Serverless.Registry;
using Serverless.Storage;

namespace Serverless.Training;

/// <summary>What a train run remembers.</summary>
public sealed record TrainState
{
    public required string Model { get; init; }

    /// <summary>Train on the data as they were then; null = when the run was asked for.</summary>
    public DateTimeOffset? AsOf { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who or what asked: <c>cli:alice</c>, <c>schedule</c>, <c>new-data</c>.</summary>
    public required string By { get; init; }

    /// <summary>A model that is registered instead of a trained one; null = train.</summary>
    public ImportedModel? Import { get; init; }

    /// <summary>Settings that a search found, instead of the model file's; null = nothing was searched.</summary>
    public FoundSettings? Found { get; init; }

    /// <summary>The right to train the model, until the champion is moved: a training that begins meanwhile would compare with the wrong one.</summary>
    public Lease? Right { get; init; }

    public TrainReport? Report { get; init; }
}

/// <summary>What became of a training.</summary>
public sealed record TrainReport
{
    public required string Run { get; init; }

    public required string Model { get; init; }

    public string? Trainer { get; init; }

    /// <summary>The registered version; null when the gate refused.</summary>
    public int? Version { get; init; }

    public required GateResult Gate { get; init; }

    /// <summary>The candidate on the holdout, by metric name.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Metrics that are not defined on this holdout, each with the reason; null when all are.</summary>
    public IReadOnlyDictionary<string, string>? Undefined { get; init; }

    /// <summary>What was found about the data that did not stop the training; null when nothing was.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>The champion on the same holdout; null when there was none.</summary>
    public IReadOnlyDictionary<string, double>? ChampionMetrics { get; init; }

    /// <summary>The majority or mean on the same holdout.</summary>
    public IReadOnlyDictionary<string, double>? BaselineMetrics { get; init; }

    /// <summary>Champion after the run, if any.</summary>
    public int? Champion { get; init; }

    /// <summary>The version waits for a person.</summary>
    public bool AwaitingApproval { get; init; }

    /// <summary>The rollout that releases the version bit by bit; null when it became champion at once, or not at all.</summary>
    public string? Rollout { get; init; }

    public required long TrainRows { get; init; }

    public required long HoldoutRows { get; init; }

    /// <summary>All that is needed to train the same again.</summary>
    public Lineage? Lineage { get; init; }

    public RunEnvironment? Environment { get; init; }

    /// <summary>Where early stopping stopped; null when it was not asked for.</summary>
    public StoppedEarly? Stopping { get; init; }

    /// <summary>Seconds by stage: read, features, fit, evaluate, pack, reference, gate, register, total.</summary>
    public required IReadOnlyDictionary<string, double> Timings { get; init; }
}
