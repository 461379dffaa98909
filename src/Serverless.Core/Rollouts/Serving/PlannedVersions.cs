using Serverless.FeatureViews.Online;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Workspaces;

namespace Serverless.Rollouts;

/// <summary>Versions that rollouts need, each loaded once and kept while a plan names it.</summary>
internal sealed class PlannedVersions(Workspace workspace, IModelRegistry registry, OnlineLookups? lookups = null)
{
    private readonly Dictionary<(string Model, int Version), ServedModel> loaded = [];

    /// <summary>Throws what the registry throws for a version that is missing or damaged.</summary>
    public async Task<ServedModel> GetAsync(string model, int version, CancellationToken cancel)
    {
        if (loaded.TryGetValue((model, version), out var served)) return served;
        return loaded[(model, version)] = await Scoring.ServedVersions.LoadAsync(workspace, registry, model, version, RolloutVariant.Challenger, lookups, cancel).ConfigureAwait(false);
    }

    /// <summary>Lets go of what no plan names any more.</summary>
    public void Keep(IReadOnlySet<(string Model, int Version)> named)
    {
        foreach (var gone in loaded.Keys.Where(k => !named.Contains(k)).ToList()) loaded.Remove(gone);
    }
}
