using Serverless.Models;

namespace Serverless.Rollouts;

/// <summary>
/// Releases versions bit by bit. A rollout is a record that is changed by compare-and-swap, so several processes and several people agree: of two who move it at once, one gets
/// <see cref="Problems.RefusedException"/>. Every move is in the audit of the model.
/// </summary>
public interface IRollouts
{
    /// <summary>
    /// Begins a rollout. Throws <see cref="Problems.RequestException"/> when the version does not exist, of which <see cref="Problems.RefusedException"/> when it may not be served, is champion
    /// already, there is no champion, another rollout of the model is under way, or its part of a layer is taken.
    /// </summary>
    Task<RolloutRecord> StartAsync(RolloutRequest request, CancellationToken cancel = default);

    /// <summary>Moves the rollout under way. Throws <see cref="RolloutTransitionException"/> when it cannot go there, <see cref="Problems.RefusedException"/> when there is none or somebody else moved it.</summary>
    Task<RolloutRecord> MoveAsync(string model, RolloutVerb verb, string by, string comment, CancellationToken cancel = default);

    /// <summary>The rollout under way; null when there is none.</summary>
    Task<RolloutRecord?> ActiveAsync(string model, CancellationToken cancel = default);

    /// <summary>All rollouts of a model, oldest first.</summary>
    Task<IReadOnlyList<RolloutRecord>> ListAsync(string model, CancellationToken cancel = default);

    /// <summary>What is known of a rollout now, and what its guards and its policy say of it. Changes nothing.</summary>
    Task<RolloutReport> ReportAsync(RolloutRecord rollout, CancellationToken cancel = default);

    /// <summary>Looks at every rollout under way and moves those that are due. Any number of processes may do so.</summary>
    Task TickAsync(DateTimeOffset now, CancellationToken cancel = default);
}

/// <param name="Terms">Null = as the model file states them.</param>
/// <param name="By">Who or what.</param>
/// <param name="Comment">Why.</param>
/// <param name="Run">The training run that asks: asking again changes nothing.</param>
public sealed record RolloutRequest(string Model, int Version, RolloutDefinition? Terms, string By, string Comment, string? Run = null);

public enum RolloutVerb { Pause, Resume, Abort, Promote }

/// <param name="Totals">Counted since it began.</param>
/// <param name="Guards">What each guard says now.</param>
/// <param name="Next">What the policy says now.</param>
/// <param name="Experiment">A/B and bandit: the reading of the outcomes; null for others.</param>
public sealed record RolloutReport(RolloutRecord Rollout, IReadOnlyList<VariantSummary> Totals, IReadOnlyList<GuardVerdict> Guards, string Next, ExperimentReport? Experiment);

/// <summary>Counts of a variant in figures for people; times in milliseconds.</summary>
public sealed record VariantSummary(string Variant, int? Version, double Percent, long Calls, long Failures, double? P50, double? P99, long Compared, double? Differing, double? Difference, long Dropped);
