namespace Serverless.Suggestions.Rules;

/// <summary>
/// A text column in which a few values make up nine tenths of the rows beside a tail of rare ones should keep mostly to them. Source: Deequ, FractionalCategoricalRangeRule
/// (at most four tenths of the values occur once).
/// </summary>
internal sealed class FractionalCategoricalRange : ISuggestionRule
{
    private const double Coverage = 0.9;
    private const double MostOnce = 0.4;

    public string Name => "fractional-categorical-range";

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        if (CategoricalRange.Applies(sample) || sample.Column.Values is not null || sample.Texts is null || sample.Categories is not { Count: > 1 } categories
            || (double)sample.Once / categories.Count > MostOnce)
        {
            yield break;
        }

        long covered = 0;
        var top = categories.TakeWhile(c =>
        {
            var needed = covered < Coverage * sample.Filled;
            if (needed) covered += c.Count;
            return needed;
        }).ToArray();
        if (covered == sample.Filled) yield break;
        var share = (double)covered / sample.Filled;

        // The check looks at each partition by itself, and there an empty value is allowed as well.
        var bounds = sample.Parts.Zip(sample.CategoriesInParts!).Where(p => p.First.Rows > 0)
            .Select(p => Proportion.WilsonLower((double)(p.First.Rows - p.First.Filled + p.Second.Take(top.Length).Sum()) / p.First.Rows, p.First.Rows)).ToArray();
        if (bounds.Min() <= 0) yield break;
        yield return new Suggestion
        {
            Check = "containment", Column = sample.Column.Name, Values = [.. top.Select(c => c.Value)], Rule = Name,
            Min = bounds.Min(),
            Evidence = $"{top.Length} of {categories.Count} different values make up {Words.Percent(share)} of {Words.Count(sample.Filled)} filled rows; the limit is the lower end of Wilson's 95 % interval{(bounds.Length > 1 ? $" in the worst of {bounds.Length} partitions" : "")}",
        };
    }
}
