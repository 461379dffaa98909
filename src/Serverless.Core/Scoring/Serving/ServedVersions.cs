using Serverless.FeatureViews.Online;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Workspaces;

namespace Serverless.Scoring;

/// <summary>
/// Versions that callers ask for by number, beside the one that answers for the model. They are loaded when first asked for, and the one unused for longest goes when there are more than
/// <see cref="Kept"/>. A version that was rejected, expired or waits for approval does not answer: a number in an address is no way around the gate.
/// </summary>
public sealed class ServedVersions
{
    /// <summary>What predictions by an explicit version are recorded as.</summary>
    public const string Role = "requested";

    private const int Kept = 8;

    private readonly Workspace workspace;
    private readonly IModelRegistry registry;
    private readonly IModelHost champions;
    private readonly OnlineLookups? lookups;
    private readonly Lock gate = new();
    private readonly List<(string Model, int Version, Lazy<Task<ServedModel>> Loaded)> loaded = [];

    internal ServedVersions(Workspace workspace, IModelRegistry registry, IModelHost champions, OnlineLookups? lookups) =>
        (this.workspace, this.registry, this.champions, this.lookups) = (workspace, registry, champions, lookups);

    /// <summary>
    /// Throws <see cref="RequestException"/> for a model or version that is not known, <see cref="RefusedException"/> for one that may not answer, <see cref="DataException"/> for one that is damaged.
    /// </summary>
    public async ValueTask<ServedModel> GetAsync(string model, int version, CancellationToken cancel = default)
    {
        if (champions.Status().Any(s => s.Model == model && s.Serving == version))
        {
            var champion = await champions.GetAsync(model, cancel).ConfigureAwait(false);
            if (champion.Version == version && champion.Segments is null) return champion;
        }

        // Asked each time: a version may be rejected after it was loaded.
        var found = await registry.FindAsync(model, version, cancel).ConfigureAwait(false) ?? throw await UnknownAsync(model, version, cancel).ConfigureAwait(false);
        if (found.Status != VersionStatus.Registered)
        {
            var why = found.Status switch { VersionStatus.AwaitingApproval => "waits for approval", VersionStatus.Rejected => "was rejected", _ => "expired before it was approved" };
            throw new RefusedException($"version {version} of model '{model}' {why}, so it does not answer");
        }

        var entry = Entry(model, version);
        try
        {
            return await entry.Value.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            lock (gate) loaded.RemoveAll(l => ReferenceEquals(l.Loaded, entry));
            throw;
        }
    }

    /// <summary>
    /// A version to be looked at, whatever became of it: who has to approve one wants to know what it goes by. Not for answering callers.
    /// Throws as <see cref="GetAsync"/>, but for those that may not answer.
    /// </summary>
    public async Task<ServedModel> LookAtAsync(string model, int version, CancellationToken cancel = default) =>
        await registry.FindAsync(model, version, cancel).ConfigureAwait(false) is null ? throw await UnknownAsync(model, version, cancel).ConfigureAwait(false)
            : await LoadAsync(workspace, registry, model, version, Role, lookups, cancel).ConfigureAwait(false);

    internal static async Task<ServedModel> LoadAsync(Workspace workspace, IModelRegistry registry, string model, int version, string role, OnlineLookups? lookups, CancellationToken cancel, string? segment = null, Segments.SegmentVersions? segments = null)
    {
        var pipeline = await registry.LoadAsync(model, version, cancel).ConfigureAwait(false);
        var dataset = workspace.Models.TryGetValue(model, out var definition) ? workspace.Datasets.GetValueOrDefault(definition.Dataset) : null;
        var columns = dataset?.Columns.Select(c => c.Name) ?? [];
        var router = segments is not null && definition?.Segments is not null && dataset is not null ? new Segments.SegmentRouter(definition, dataset, segments) : null;
        return new ServedModel(pipeline, role, [.. columns.Except(pipeline.Schema.Inputs.Select(c => c.Name))], lookups) 
        {
            Durable = definition?.PredictionLog == PredictionLogMode.Durable, Segments = router, Segment = segment ?? router?.Default,
            Enrichment = lookups?.Enrichments?.Of(definition, pipeline.Schema.Inputs),
        };
    }

    private Lazy<Task<ServedModel>> Entry(string model, int version)
    {
        lock (gate)
        {
            var index = loaded.FindIndex(l => l.Model == model && l.Version == version);
            // Not with the caller's token: others may wait for the same load.
            var entry = index >= 0 ? loaded[index] : (model, version, new Lazy<Task<ServedModel>>(() => LoadAsync(workspace, registry, model, version, Role, lookups, CancellationToken.None)));
            if (index >= 0) loaded.RemoveAt(index);
            loaded.Add(entry);
            if (loaded.Count > Kept) loaded.RemoveAt(0);
            return entry.Item3;
        }
    }

    private async Task<RequestException> UnknownAsync(string model, int version, CancellationToken cancel)
    {
        var versions = (await registry.ListAsync(model, cancel).ConfigureAwait(false)).Versions;
        if (versions.Count > 0) return new RequestException($"model '{model}' has no version {version}; it has {versions[0].Version} to {versions[^1].Version}.");
        if (workspace.Models.ContainsKey(model)) return new RequestException($"model '{model}' has no versions yet.");
        var known = await registry.ModelsAsync(cancel).ConfigureAwait(false);
        return new RequestException($"model '{model}' is not known here.{Suggest.Hint(model, known.Union(workspace.Models.Keys))}");
    }
}
