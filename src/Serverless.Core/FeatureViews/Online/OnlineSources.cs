using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.FeatureViews.Online;

/// <summary>What can be materialised: every view, and the lags and rolling features of models as <c>model.feature</c>.</summary>
internal sealed class OnlineSources(Workspace workspace)
{
    public IEnumerable<string> Names => workspace.Views.Keys.Concat(Own().Select(l => l.Source));

    /// <summary>The columns of a source.</summary>
    /// <exception cref="RequestException">There is no such source.</exception>
    public IReadOnlyList<RawColumn> Columns(string source)
    {
        if (workspace.Views.TryGetValue(source, out var view))
        {
            return [.. view.Features.Select(f => new RawColumn(f.Name, f.Type, false, Lookup: new LookupDefinition
            {
                Kind = LookupKind.View, Source = view.Name, Column = f.Name, Type = f.Type, Keys = [.. view.Keys.Select(k => new LookupKey(k, k))], Dataset = view.Dataset,
            }))];
        }

        return Own().FirstOrDefault(l => l.Source == source) is { } own ? [new RawColumn(source[(source.IndexOf('.', StringComparison.Ordinal) + 1)..], own.Type, false, Lookup: own)]
            : throw new RequestException($"feature view '{source}' is not in this workspace{Suggest.Ending(source, Names)}");
    }

    public string DatasetOf(string source) => workspace.Views.TryGetValue(source, out var view) ? view.Dataset : Columns(source)[0].Lookup!.Dataset;

    /// <summary>How old a value may be. Of a rolling feature as long as its window: after that nothing is left of the rows it was made of.</summary>
    public TimeSpan? TtlOf(string source) => workspace.Views.TryGetValue(source, out var view) ? view.Ttl : Columns(source)[0].Lookup!.Over;

    public string? RefreshOf(string source) => workspace.Views.TryGetValue(source, out var view) ? view.Refresh : null;

    public bool IsView(string source) => workspace.Views.ContainsKey(source);

    /// <summary>A hash of all that decides about the values: two tables of one definition and the same data are equal.</summary>
    public string DefinitionOf(string source)
    {
        if (workspace.Views.TryGetValue(source, out var view)) return ViewTerms.Of(view).Hash;
        var means = Columns(source)[0].Lookup!;
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(means, ServerlessJson.Options)))[..16];
    }

    private IEnumerable<LookupDefinition> Own() => workspace.Models.Values.SelectMany(m => m.Features).Select(f => f.Lookup).OfType<LookupDefinition>().Where(l => l.Kind != LookupKind.View);
}
