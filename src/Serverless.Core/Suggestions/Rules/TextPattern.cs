namespace Serverless.Suggestions.Rules;

/// <summary>
/// Text that always has one shape (a code, a key, a date) should keep it. An empty value has no shape: in a column that has some, the check is about the filled rows,
/// and how many those are is what completeness is for.
/// </summary>
internal sealed class TextPattern : ISuggestionRule
{
    private const int LeastValues = 5;
    private const long LeastRows = 30;

    public string Name => "pattern";

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        if (sample.Texts is not { Count: >= LeastValues } texts || sample.Filled < LeastRows || sample.Column.Pattern is not null || sample.Column.Values is not null || CategoricalRange.Applies(sample)) yield break;
        if (Shape.Learn(texts) is not { } pattern) yield break;
        yield return new Suggestion
        {
            Check = "pattern", Column = sample.Column.Name, Pattern = pattern, Min = 1, Rule = Name,
            Where = sample.Filled < sample.Rows ? $"\"{sample.Column.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" IS NOT NULL" : null,
            Evidence = $"all {Words.Count(sample.Distinct)} different values of {Words.Count(sample.Filled)} rows have this shape, such as '{texts.Min(StringComparer.Ordinal)}' and '{texts.Max(StringComparer.Ordinal)}'",
        };
    }
}
