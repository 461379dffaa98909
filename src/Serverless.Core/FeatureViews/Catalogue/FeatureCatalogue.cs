using System.Text.Json;
using Serverless.FeatureViews.Online;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.FeatureViews.Catalogue;

/// <summary>Every feature that there is, of views and of models, and who uses it.</summary>
public interface IFeatureCatalogue
{
    Task<FeatureList> ListAsync(CancellationToken cancel = default);
}

/// <param name="Views">In ordinal order.</param>
/// <param name="Features">Of models, by model in the order of its file.</param>
public sealed record FeatureList(IReadOnlyList<CataloguedView> Views, IReadOnlyList<CataloguedFeature> Features);

/// <param name="At">As of when its values are online; null = never materialised.</param>
/// <param name="Newest">Feature time of the newest of them.</param>
public sealed record CataloguedView(string Name, string? Description, string? Owner, string Dataset, IReadOnlyList<string> Keys, DateTimeOffset? At, DateTimeOffset? Newest, int? OnlineKeys, IReadOnlyList<CataloguedFeature> Features);

/// <param name="Model">Of a model's own feature; null for one of a view.</param>
/// <param name="From">Expression or aggregate.</param>
/// <param name="UsedBy">Models whose file names it, with the versions that read it.</param>
/// <param name="Unused">No model file and no champion reads it, so it can be dropped.</param>
public sealed record CataloguedFeature(string Name, string? Model, string? Description, string? Type, string From, IReadOnlyList<FeatureUse> UsedBy, bool Unused, double? Importance = null);

/// <param name="InFile">The model file names it now.</param>
/// <param name="Versions">Registered versions that look it up.</param>
/// <param name="Champion">One of them is the champion.</param>
/// <param name="Importance">Its share in the champion's importance, where that was computed (<c>importance.json</c> beside the version).</param>
public sealed record FeatureUse(string Model, string Feature, bool InFile, IReadOnlyList<int> Versions, bool Champion, double? Importance = null);

internal sealed class FeatureCatalogue(Workspace workspace, OnlineTable online, IModelRegistry registry, IObjectStore objects) : IFeatureCatalogue
{
    public async Task<FeatureList> ListAsync(CancellationToken cancel = default)
    {
        var stored = new List<(ModelVersion Version, bool Champion)>();
        foreach (var model in await registry.ModelsAsync(cancel))
        {
            var list = await registry.ListAsync(model, cancel);
            stored.AddRange(list.Versions.Select(v => (v, v.Version == list.Champion)));
        }

        var shares = new Dictionary<string, Dictionary<string, double>>(StringComparer.Ordinal);
        foreach (var (version, champion) in stored.Where(s => s.Champion)) shares[version.Model] = await SharesAsync(version, cancel);
        double? Share(string model, string feature) => shares.TryGetValue(model, out var of) && of.TryGetValue(feature, out var share) ? share : null;
        var views = new List<CataloguedView>();
        foreach (var view in workspace.Views.Values.OrderBy(v => v.Name, StringComparer.Ordinal))
        {
            var head = (await online.HeadAsync(view.Name, cancel))?.Head;
            views.Add(new CataloguedView(view.Name, view.Description, view.Owner, view.Dataset, view.Keys, head?.At, head?.Newest, head?.Keys, [.. view.Features.Select(f => Of(view, f, stored, Share))]));
        }

        return new FeatureList(views, [.. workspace.Models.Values.OrderBy(m => m.Name, StringComparer.Ordinal).SelectMany(m => m.Features.Select(f => new CataloguedFeature(
            f.Name, m.Name, null, f.Lookup?.Type.ToString().ToLowerInvariant(), f.Lookup is { } l ? Text(l) : f.From.Text, [], Unused: false, Share(m.Name, f.Name))))]);
    }

    private CataloguedFeature Of(ViewDefinition view, ViewFeature feature, List<(ModelVersion Version, bool Champion)> stored, Func<string, string, double?> share)
    {
        bool Reads(LookupDefinition? lookup) => lookup is { Kind: LookupKind.View } && lookup.Source == view.Name && lookup.Column == feature.Name;
        var named = workspace.Models.Values.SelectMany(m => m.Features.Where(f => Reads(f.Lookup)).Select(f => (Model: m.Name, Feature: f.Name))).ToArray();
        var read = stored.SelectMany(s => s.Version.Schema.Inputs.Where(c => Reads(c.Lookup)).Select(c => (s.Version.Model, Feature: c.Name, s.Version.Version, s.Champion))).ToArray();
        FeatureUse[] uses = [.. named.Concat(read.Select(r => (r.Model, r.Feature))).Distinct().OrderBy(u => u.Item1, StringComparer.Ordinal).ThenBy(u => u.Item2, StringComparer.Ordinal).Select(u =>
        {
            var versions = read.Where(r => r.Model == u.Item1 && r.Feature == u.Item2).ToArray();
            return new FeatureUse(u.Item1, u.Item2, named.Contains(u), [.. versions.Select(v => v.Version)], versions.Any(v => v.Champion), share(u.Item1, u.Item2));
        })];
        return new CataloguedFeature(feature.Name, null, feature.Description, feature.Type.ToString().ToLowerInvariant(), Text(feature), uses, Unused: !uses.Any(u => u.InFile || u.Champion));
    }

    private async Task<Dictionary<string, double>> SharesAsync(ModelVersion version, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync($"{StoreNames.Containers.Models}/{version.Model}/{version.Version}/importance.json", cancel);
        if (stream is null) return [];
        using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancel);
        return document.RootElement.TryGetProperty("features", out var features) && features.ValueKind == JsonValueKind.Object
            ? features.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Number).ToDictionary(p => p.Name, p => p.Value.GetDouble(), StringComparer.Ordinal) : [];
    }

    private static string Text(ViewFeature feature) => feature.Aggregate is not { } aggregate ? "sql"
        : $"{aggregate.ToString().ToLowerInvariant()}({feature.Column ?? feature.Condition?.Text ?? "*"}){(feature.Over is { } over ? $" over {Durations.Text(over)}" : "")}";

    private static string Text(LookupDefinition lookup) => lookup.Kind switch
    {
        LookupKind.View => $"{lookup.Source}.{lookup.Column}",
        LookupKind.Lag => $"lag({lookup.Column})",
        _ => $"{lookup.Aggregate!.ToString()!.ToLowerInvariant()}({lookup.Column}) over {Durations.Text(lookup.Over!.Value)}",
    };
}
