namespace Serverless.Suggestions.Rules;

/// <summary>
/// A text or integer column with few different values, nearly none of which occurs only once, should keep to them. Source: Deequ, CategoricalRangeRule (at most a
/// tenth of the values occur once).
/// </summary>
internal sealed class CategoricalRange : ISuggestionRule
{
    internal const double MostOnce = 0.1;

    /// <summary>More different integers than this (hours of a day) are a quantity, whose range says more.</summary>
    private const int MostIntegers = 24;

    public string Name => "categorical-range";

    public static bool Applies(ColumnSample sample) =>
        sample.Column.Values is null && sample.Categories is { Count: > 1 } categories && (double)sample.Once / categories.Count <= MostOnce
        && (sample.Column.Type != Datasets.ColumnType.Integer || (categories.Count <= MostIntegers && sample.Column is { Min: null, Max: null, Unit: null }));

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        if (!Applies(sample)) yield break;
        var categories = sample.Categories!;
        yield return new Suggestion
        {
            Check = "containment", Column = sample.Column.Name, Values = [.. categories.Select(c => c.Value)], Min = 1, Rule = Name,
            Evidence = $"only {categories.Count} different values in {Words.Count(sample.Filled)} filled rows, the rarest ('{categories[^1].Value}') {Words.Count(categories[^1].Count)} times",
        };
    }
}
