using System.Globalization;
using System.Text.Json.Nodes;

namespace Serverless.Rollouts;

/// <summary>The flags that a rollout means, and bringing them to where flags are kept. A flag bears the revision that wrote it, so an old writer never undoes a newer one.</summary>
internal sealed class RolloutFlags(IFlagStore flags, PolicyCatalogue policies)
{
    private const string AllocationPrefix = "rollout-", SlicePrefix = "slice-";
    public const string Inside = "inside", Outside = "outside";
    public const string RolloutKey = "rollout", RevisionKey = "revision", KindKey = "kind", ChampionKey = "champion";

    /// <summary>Id of the flag that allocates a model's subjects to variants.</summary>
    public static string AllocationOf(string model) => AllocationPrefix + model;

    /// <summary>Id of the flag that says which subjects of a layer take part.</summary>
    public static string SliceOf(string model) => SlicePrefix + model;

    /// <summary>The model of an allocation flag; null for any other flag.</summary>
    public static string? ModelOf(string flag) => flag.StartsWith(AllocationPrefix, StringComparison.Ordinal) ? flag[AllocationPrefix.Length..] : null;

    /// <summary>What serving has to know of a rollout.</summary>
    public (Flag Allocation, Flag? Slice) Project(RolloutRecord rollout)
    {
        var metadata = new Dictionary<string, string>
        {
            [RolloutKey] = rollout.Id, [RevisionKey] = rollout.Revision.ToString(CultureInfo.InvariantCulture), [KindKey] = rollout.Kind.ToString().ToLowerInvariant(),
            [ChampionKey] = rollout.Champion.ToString(CultureInfo.InvariantCulture),
        };
        var ranges = new List<PercentileRange>();
        var end = 0.0;
        foreach (var variant in rollout.Variants)
        {
            var from = end;
            end = variant == rollout.Variants[^1] ? 100 : Math.Min(100, Math.Round(end + variant.Percent, 9));
            if (end > from) ranges.Add(new PercentileRange(variant.Name, from, end));
        }

        var (users, groups) = policies[rollout.Kind].Members(rollout);
        var allocation = new Flag
        {
            Id = AllocationOf(rollout.Model), Description = $"{rollout.Kind} of version {rollout.Challenger} of {rollout.Model}. Written by rollout {rollout.Id}; 'enabled: false' gives everybody the champion.",
            Variants = [.. rollout.Variants.Select(v => v.Name == RolloutVariant.Shadow ? new FlagVariant(v.Name, rollout.Champion, v.Version) : new FlagVariant(v.Name, v.Version)),
                .. rollout.Variants.Any(v => v.Name == RolloutVariant.Champion) ? Array.Empty<FlagVariant>() : [new FlagVariant(RolloutVariant.Champion, rollout.Champion)]],
            DefaultWhenEnabled = RolloutVariant.Champion, DefaultWhenDisabled = RolloutVariant.Champion, Users = users, Groups = groups, Percentiles = ranges, Seed = rollout.Id, Metadata = metadata,
        };
        return (allocation, Slice(rollout, metadata));
    }

    /// <summary>Writes the flags of an active rollout, and takes back those of one that is over.</summary>
    /// <returns>False when everything was there already.</returns>
    public async Task<bool> PublishAsync(RolloutRecord rollout, FlagSet? seen, CancellationToken cancel)
    {
        var (allocation, slice) = Project(rollout);
        var changed = false;
        foreach (var (id, flag) in new[] { (AllocationOf(rollout.Model), rollout.Active ? allocation : null), (SliceOf(rollout.Model), rollout.Active ? slice : null) })
        {
            if (seen is not null && Same(seen.Flags.GetValueOrDefault(id), rollout, flag)) continue;
            changed = true;
            await flags.UpdateAsync(id, there => Same(there, rollout, flag) ? there : flag is null ? null : FlagFile.Write(flag with { Enabled = Enabled(there, rollout) }), cancel);
        }

        return changed;
    }

    private static Flag? Slice(RolloutRecord rollout, Dictionary<string, string> metadata)
    {
        var terms = rollout.Terms;
        if (terms.From <= 0 && terms.To >= 100) return null;
        var ranges = new List<PercentileRange>();
        if (terms.From > 0) ranges.Add(new PercentileRange(Outside, 0, terms.From));
        ranges.Add(new PercentileRange(Inside, terms.From, terms.To));
        if (terms.To < 100) ranges.Add(new PercentileRange(Outside, terms.To, 100));
        return new Flag
        {
            Id = SliceOf(rollout.Model), Description = $"Which subjects of layer {LayerOf(rollout)} take part in rollout {rollout.Id}.", Variants = [new(Inside), new(Outside)],
            DefaultWhenEnabled = Outside, DefaultWhenDisabled = Outside, Percentiles = ranges, Seed = $"layer-{LayerOf(rollout)}", Metadata = metadata,
        };
    }

    /// <summary>Rollouts of one layer divide its subjects; without a name, the layer is the model's own.</summary>
    public static string LayerOf(RolloutRecord rollout) => rollout.Terms.Layer ?? $"model-{rollout.Model}";

    // What is there already: a flag of this rollout that is as new; nothing, or a flag of a later rollout, where this one is over.
    private static bool Same(JsonObject? there, RolloutRecord rollout, Flag? wanted)
    {
        var written = Metadata(there);
        if (wanted is null) return there is null || (written.Rollout is not null && Number(written.Rollout, rollout.Model) > rollout.Number);
        return written.Rollout == rollout.Id && written.Revision >= rollout.Revision;
    }

    // Who switched a rollout off by hand meant this rollout, whatever its share.
    private static bool Enabled(JsonObject? there, RolloutRecord rollout) => Metadata(there).Rollout != rollout.Id || ((bool?)there!["enabled"] ?? true);

    private static (string? Rollout, int Revision) Metadata(JsonObject? flag)
    {
        if (flag?["telemetry"]?["metadata"] is not JsonObject metadata) return (null, 0);
        return ((string?)metadata[RolloutKey], int.TryParse((string?)metadata[RevisionKey], NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0);
    }

    private static int Number(string rollout, string model) =>
        rollout.StartsWith($"{model}-r", StringComparison.Ordinal) && int.TryParse(rollout.AsSpan(model.Length + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
