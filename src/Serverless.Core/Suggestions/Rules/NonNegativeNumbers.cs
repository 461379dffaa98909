namespace Serverless.Suggestions.Rules;

/// <summary>A number that was never negative should not become so. Source: Deequ, NonNegativeNumbersRule.</summary>
internal sealed class NonNegativeNumbers : ISuggestionRule
{
    public string Name => "non-negative";

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        if (sample.Min is not >= 0 || sample.Column.Min >= 0 || CategoricalRange.Applies(sample)) yield break;
        yield return new Suggestion
        {
            Check = "min", Column = sample.Column.Name, Min = 0, Rule = Name,
            Evidence = $"the least of {Words.Count(sample.Filled)} values is {Words.Number(sample.Min.Value)}; none is negative",
        };
    }
}
