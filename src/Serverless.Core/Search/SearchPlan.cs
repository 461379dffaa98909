using Serverless.Models;

namespace Serverless.Search;

/// <summary>Everything that decides which trials a search makes, fixed when it begins: with it and what the trials found, every process proposes the same next one.</summary>
internal sealed record SearchPlan
{
    public required TaskKind Task { get; init; }

    public required string Sampler { get; init; }

    public required int Seed { get; init; }

    /// <summary>So many at most; null = until the deadline.</summary>
    public int? Trials { get; init; }

    /// <summary>No trial goes on after it.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>A trial may begin when all but the last so many before it have ended, and is proposed from those alone.</summary>
    public required int Parallel { get; init; }

    public required SuccessiveHalving Halving { get; init; }

    public required string Metric { get; init; }

    public required bool MoreIsBetter { get; init; }

    public required SearchSpace Space { get; init; }

    /// <summary>What the model file says, on the dimensions of its trainer.</summary>
    public required Configuration Own { get; init; }

    /// <summary>It lies in the space, so that samplers may learn from it.</summary>
    public required bool OwnInSpace { get; init; }

    public required TrialWindow Window { get; init; }

    public double? Loss(double? value) => value is { } v && double.IsFinite(v) ? (MoreIsBetter ? -v : v) : null;
}

/// <summary>The time that trials look at; it ends where the holdout begins.</summary>
/// <param name="TrainFrom">First instant of the rows that are learned from.</param>
/// <param name="JudgedFrom">First instant of the rows that judge.</param>
/// <param name="Until">Their end, exclusive: the beginning of the holdout.</param>
public sealed record TrialWindow(DateTimeOffset TrainFrom, DateTimeOffset JudgedFrom, DateTimeOffset Until);
