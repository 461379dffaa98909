using Serverless.Drift.Samples;

namespace Serverless.Drift.Upstream;

/// <summary>New and vanished categories, by name and with their share of the rows. Those that are only spelled otherwise are another rule's.</summary>
internal sealed class CategoriesRule : IUpstreamRule
{
    public IEnumerable<UpstreamChange> Look(ColumnSample reference, ColumnSample current)
    {
        if (CategoryNames.Of(reference, current) is not var (a, b)) yield break;
        if (Change(UpstreamKind.NewCategories, b, a, "new", "of the current rows") is { } appeared) yield return appeared;
        if (Change(UpstreamKind.VanishedCategories, a, b, "vanished", "of the reference") is { } vanished) yield return vanished;
    }

    private static UpstreamChange? Change(UpstreamKind kind, CategoricalSample some, CategoricalSample others, string word, string whole)
    {
        var known = others.Labels.Select(CategoryNames.Normal).ToHashSet(StringComparer.Ordinal);
        var found = CategoryNames.Lacking(some, others).Where(c => !known.Contains(CategoryNames.Normal(c.Label))).ToArray();
        var rows = found.Sum(c => c.Count);
        if (!CategoryNames.IsSurprising(found, some, others)) return null;
        return new UpstreamChange
        {
            Column = some.Name, Kind = kind, Share = rows / (double)some.Count, Values = [.. found.Take(CategoryNames.MostNamed).Select(c => c.Label)],
            Message = $"{word} {(found.Length == 1 ? "category" : "categories")}: {CategoryNames.List(found, some.Count)}, {CategoryNames.Percent(rows / (double)some.Count)} {whole} together.",
        };
    }
}
