using System.Collections.Frozen;
using Serverless.Scoring;

namespace Serverless.Rollouts;

/// <summary>Plans by model, looked up for every request of every protocol: while there is no rollout, that is one read of a field.</summary>
public sealed class ModelRouter
{
    private volatile FrozenDictionary<string, ServingPlan>? plans;

    /// <summary>The plan by which a model's requests are answered; null = by the champion.</summary>
    public ServingPlan? Of(ServedModel champion) =>
        plans is { } all && all.TryGetValue(champion.Name, out var plan) && plan.Champion == champion.Version ? plan : null;

    /// <summary>Plans by model, as they are now.</summary>
    public IReadOnlyDictionary<string, ServingPlan> Plans => plans ?? FrozenDictionary<string, ServingPlan>.Empty;

    internal void Set(IReadOnlyDictionary<string, ServingPlan> all) => plans = all.Count == 0 ? null : all.ToFrozenDictionary(StringComparer.Ordinal);
}
