using Serverless.Training;

namespace Serverless.Search;

/// <summary>What a search's run remembers. Its trials have runs of their own.</summary>
internal sealed record SearchState
{
    public required string Model { get; init; }

    /// <summary>Search on the data as they were then; null = when the run was asked for.</summary>
    public DateTimeOffset? AsOf { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who or what asked: <c>cli:alice</c>, <c>gate</c>.</summary>
    public required string By { get; init; }

    /// <summary>The training whose candidate the gate refused; null = a person asked.</summary>
    public string? Cause { get; init; }

    /// <summary>The best is trained and goes to the gate.</summary>
    public bool Train { get; init; } = true;

    public DateTimeOffset? Begun { get; init; }

    public SearchPlan? Plan { get; init; }

    public SearchReport? Report { get; init; }
}

/// <summary>What a search found.</summary>
public sealed record SearchReport
{
    public required string Metric { get; init; }

    public required bool MoreIsBetter { get; init; }

    /// <summary>Trials by what became of them.</summary>
    public required int Done { get; init; }

    public required int Failed { get; init; }

    public required int Stopped { get; init; }

    /// <summary>What ended it: its trials, its time, or that nothing was left to try.</summary>
    public required string Ended { get; init; }

    /// <summary>Number and run of the best trial.</summary>
    public required int Best { get; init; }

    public required string BestRun { get; init; }

    public required double BestValue { get; init; }

    /// <summary>The same metric with the model file's own settings; null where that trial failed or was stopped.</summary>
    public double? OwnValue { get; init; }

    /// <summary>The best has the model file's own settings: nothing better was found.</summary>
    public required bool OwnIsBest { get; init; }

    /// <summary>What the model file would say.</summary>
    public required string Yaml { get; init; }

    public FoundSettings? Found { get; init; }

    /// <summary>Seconds by the clock, from the first trial to the last.</summary>
    public required double Seconds { get; init; }

    /// <summary>The training of the best; null = not asked for.</summary>
    public string? Training { get; init; }

    /// <summary>The version that came of it; null when the gate refused.</summary>
    public int? Version { get; init; }
}
