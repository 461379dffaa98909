namespace Serverless.Rollouts;

/// <summary>What came true of predictions, by variant: where A/B tests, bandits and guards on reality read. Whoever joins feedback to predictions implements it.</summary>
public interface IOutcomes
{
    /// <summary>Outcomes of one rollout, one row for each variant, version and day; empty while nothing is known.</summary>
    /// <param name="rollout">Id of the rollout, as the prediction log has it.</param>
    /// <param name="metric">Name of the metric; null = 1 for a right prediction, 0 for a wrong one.</param>
    /// <param name="cancel">Stops it.</param>
    Task<IReadOnlyList<OutcomeRow>> ReadAsync(string model, string rollout, string? metric, CancellationToken cancel = default);
}

/// <summary>
/// Outcomes of the subjects that were first met on one day. The unit is the subject, not the prediction: a subject with ten predictions counts once, with its mean, because its outcomes are
/// alike; a prediction without a subject is a unit of its own. A subject that was met in two variants belongs to the one it met first, and is counted in <see cref="Crossed"/>.
/// </summary>
/// <param name="Variant">As the prediction log has it.</param>
/// <param name="Day">UTC day on which the subjects were first met, not the day of the label: so late labels fall into place.</param>
/// <param name="Subjects">Units that were assigned, with or without an outcome.</param>
/// <param name="Count">Units with an outcome.</param>
/// <param name="Sum">Sum of their values.</param>
/// <param name="SumOfSquares">Sum of the squares of their values.</param>
/// <param name="Crossed">Of the units, those that another variant met later.</param>
public sealed record OutcomeRow(string Variant, int Version, DateOnly Day, long Subjects, double Count, double Sum, double SumOfSquares, long Crossed = 0);
