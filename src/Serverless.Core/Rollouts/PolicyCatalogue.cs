using System.Collections.Frozen;
using Serverless.Models;

namespace Serverless.Rollouts;

/// <summary>The policies that exist, by kind.</summary>
internal sealed class PolicyCatalogue(IEnumerable<IRolloutPolicy> policies)
{
    private readonly FrozenDictionary<RolloutKind, IRolloutPolicy> byKind = policies.ToFrozenDictionary(p => p.Kind);

    public IRolloutPolicy this[RolloutKind kind] => byKind[kind];
}
