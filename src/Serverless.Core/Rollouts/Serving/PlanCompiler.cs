using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Rollouts;

/// <summary>Makes plans of flags: shares that do not add up, variants that do not exist and versions that cannot be loaded are refused, each with its reason.</summary>
internal sealed class PlanCompiler(PlannedVersions versions)
{
    private readonly Dictionary<(string Rollout, string Variant), VariantCounters> counters = [];

    /// <summary>Throws <see cref="DataException"/> when the flags make no plan.</summary>
    public async Task<ServingPlan> CompileAsync(string model, JsonObject allocationFlag, JsonObject? sliceFlag, ServingPlan? before, CancellationToken cancel)
    {
        var flag = FlagFile.Read(allocationFlag);
        var rollout = Metadata(flag, RolloutFlags.RolloutKey);
        var champion = Number(flag, RolloutFlags.ChampionKey);
        var allocation = AllocationPlan.Compile(flag);
        var slice = sliceFlag is null ? null : AllocationPlan.Compile(FlagFile.Read(sliceFlag));
        if (slice is not null && slice.Variants.All(v => v.Name != RolloutFlags.Inside)) throw new DataException($"flag '{RolloutFlags.SliceOf(model)}' has no variant '{RolloutFlags.Inside}'");
        var variants = new List<ServedVariant>();
        foreach (var variant in flag.Variants)
        {
            var answers = variant.Version is { } v && v != champion ? await versions.GetAsync(model, v, cancel).ConfigureAwait(false) : null;
            var shadow = variant.Shadow is { } s ? await versions.GetAsync(model, s, cancel).ConfigureAwait(false) : null;
            var shares = (answers ?? shadow)?.Schema.Task != TaskKind.Regression;
            // What the champion answers counts as the champion's, also where a shadow looks on.
            var name = answers is null ? RolloutVariant.Champion : variant.Name;
            var made = new ServedVariant(variant.Name, answers, shadow, Of(rollout, name, shares), shadow is null ? null : Of(rollout, RolloutVariant.Challenger, shares));
            // A new share is no new trust: what hung stays away until its version changes.
            if (before?.Rollout == rollout && before.Variants.FirstOrDefault(b => b.Name == variant.Name) is { Suspended: true } hung && hung.Model?.Version == answers?.Version) made.Suspend();
            variants.Add(made);
        }

        var outside = variants.FirstOrDefault(v => v.Model is null && v.Shadow is null) ?? new ServedVariant(RolloutVariant.Champion, null, null, Of(rollout, RolloutVariant.Champion, true), null);
        return new ServingPlan(rollout, Number(flag, RolloutFlags.RevisionKey), champion, allocation, slice, variants, outside);
    }

    /// <summary>What was counted, by rollout.</summary>
    public IEnumerable<(string Rollout, IReadOnlyList<VariantTotals> Totals)> Counted() =>
        counters.GroupBy(c => c.Key.Rollout).Select(g => (g.Key, (IReadOnlyList<VariantTotals>)[.. g.Select(c => c.Value.Read())]));

    /// <summary>Lets go of the counters of rollouts that are over.</summary>
    public void Forget(string rollout)
    {
        foreach (var key in counters.Keys.Where(k => k.Rollout == rollout).ToList()) counters.Remove(key);
    }

    private VariantCounters Of(string rollout, string variant, bool shares) =>
        counters.TryGetValue((rollout, variant), out var there) ? there : counters[(rollout, variant)] = new VariantCounters(variant, shares);

    private static string Metadata(Flag flag, string key) => flag.Metadata.TryGetValue(key, out var value) && value.Length > 0 ? value
        : throw new DataException($"flag '{flag.Id}' has no '{key}' in telemetry.metadata: it was not written by a rollout. Begin one with 'serverless-ml rollout start'");

    private static int Number(Flag flag, string key) => int.TryParse(Metadata(flag, key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new DataException($"flag '{flag.Id}': '{key}' in telemetry.metadata must be a number");
}
