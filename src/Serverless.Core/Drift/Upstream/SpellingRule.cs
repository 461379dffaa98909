using Serverless.Drift.Samples;

namespace Serverless.Drift.Upstream;

/// <summary>The reference's categories written in another case or with other blanks: new names for what was there before.</summary>
internal sealed class SpellingRule : IUpstreamRule
{
    public IEnumerable<UpstreamChange> Look(ColumnSample reference, ColumnSample current)
    {
        if (CategoryNames.Of(reference, current) is not var (a, b)) yield break;
        var known = a.Labels.GroupBy(CategoryNames.Normal, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var found = CategoryNames.Lacking(b, a).Where(c => known.ContainsKey(CategoryNames.Normal(c.Label))).ToArray();
        var rows = found.Sum(c => c.Count);
        if (!CategoryNames.IsSurprising(found, b, a)) yield break;
        var (label, _) = found[0];
        yield return new UpstreamChange
        {
            Column = a.Name, Kind = UpstreamKind.Spelling, Share = rows / (double)b.Count, Values = [.. found.Take(CategoryNames.MostNamed).Select(c => c.Label)],
            Message = $"{(found.Length == 1 ? "a category is" : $"{found.Length} categories are")} written otherwise, such as '{label}' for '{known[CategoryNames.Normal(label)]}': "
                + $"{CategoryNames.Percent(rows / (double)b.Count)} of the current rows.",
        };
    }
}
