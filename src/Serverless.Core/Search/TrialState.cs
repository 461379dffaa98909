using Serverless.Training;

namespace Serverless.Search;

/// <summary>What a trial's run remembers: one configuration, on one rung of one search.</summary>
public sealed record TrialState
{
    /// <summary>The search's run: the parent.</summary>
    public required string Search { get; init; }

    public required string Model { get; init; }

    /// <summary>1, 2, ... within the search.</summary>
    public required int Number { get; init; }

    /// <summary>0, 1, ...; the last learns from all rows.</summary>
    public required int Rung { get; init; }

    /// <summary>The last share of the rows by time that it learns from.</summary>
    public required double Share { get; init; }

    /// <summary>Number of the trial of the rung below whose configuration it has; null = the configuration is new.</summary>
    public int? From { get; init; }

    /// <summary>It has the model file's own settings.</summary>
    public bool Own { get; init; }

    public required string Trainer { get; init; }

    /// <summary>Of what the search varies; of a word its index.</summary>
    public required IReadOnlyDictionary<string, double> Values { get; init; }

    /// <summary>The same as a model file writes it; null = the model file's own.</summary>
    public TrainerSettings? Settings { get; init; }

    /// <summary>The data as they were stored then.</summary>
    public required DateTimeOffset AsOf { get; init; }

    public required TrialWindow Window { get; init; }

    /// <summary>What the search makes better.</summary>
    public required string Metric { get; init; }

    /// <summary>When the search's time is up.</summary>
    public DateTimeOffset? Deadline { get; init; }

    public TrialReport? Report { get; init; }
}

/// <summary>What came of a trial.</summary>
public sealed record TrialReport
{
    /// <summary>On the rows that judge, by metric name; empty where the trial failed.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The search's metric; null where the trial failed or was stopped.</summary>
    public double? Value { get; init; }

    /// <summary>Why there is nothing: it threw, diverged, or its metric is no number.</summary>
    public string? Failure { get; init; }

    /// <summary>The search's time was up before it had ended: says nothing about its configuration.</summary>
    public bool Stopped { get; init; }

    /// <summary>What went into it; null where it was stopped before it began.</summary>
    public TrialInputs? Inputs { get; init; }

    public long LearnedRows { get; init; }

    public long JudgedRows { get; init; }

    public StoppedEarly? Stopping { get; init; }

    /// <summary>Seconds by stage: read, features, fit, evaluate, total.</summary>
    public IReadOnlyDictionary<string, double>? Timings { get; init; }
}

/// <summary>What went into a trial besides its place in the search.</summary>
public sealed record TrialInputs
{
    public required string Trainer { get; init; }

    /// <summary>All hyperparameters of the trainer, also those that the search leaves alone; of a word its index.</summary>
    public required IReadOnlyDictionary<string, double> Hyperparameters { get; init; }

    /// <summary>Settings that are not numbers, in words.</summary>
    public IReadOnlyDictionary<string, string>? Settings { get; init; }

    public required int Seed { get; init; }

    public required string Dataset { get; init; }

    public int? DatasetVersion { get; init; }

    public required string ContractVersion { get; init; }

    public required string CodeVersion { get; init; }

    public required string WorkspaceHash { get; init; }

    public required RunEnvironment Environment { get; init; }
}
