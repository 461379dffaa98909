namespace Serverless.Rollouts;

/// <summary>What is known of a rollout when it is looked at.</summary>
public sealed record RolloutEvidence
{
    public required DateTimeOffset Now { get; init; }

    /// <summary>Since it began, by variant.</summary>
    public required IReadOnlyList<VariantTotals> Totals { get; init; }

    /// <summary>What was counted when the present shares began.</summary>
    public IReadOnlyList<VariantTotals> Before { get; init; } = [];

    /// <summary>Outcomes by metric; <c>""</c> = right or wrong.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<OutcomeRow>> Outcomes { get; init; } = new Dictionary<string, IReadOnlyList<OutcomeRow>>();

    public VariantTotals Of(string variant) => Totals.FirstOrDefault(t => t.Variant == variant) ?? new VariantTotals { Variant = variant };

    /// <summary>Since the present shares began.</summary>
    public VariantTotals StepOf(string variant) => Before.FirstOrDefault(t => t.Variant == variant) is { } before ? Of(variant) - before : Of(variant);

    public IReadOnlyList<OutcomeRow> OutcomesOf(string? metric) => Outcomes.GetValueOrDefault(metric ?? "") ?? [];
}
