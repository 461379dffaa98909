namespace Serverless.Suggestions.Rules;

/// <summary>A column that is filled in every row should stay so. Source: Deequ, CompleteIfCompleteRule.</summary>
internal sealed class CompleteIfComplete : ISuggestionRule
{
    public string Name => "complete-if-complete";

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        if (sample.Rows == 0 || sample.Filled < sample.Rows || sample.Column.Required) yield break;
        yield return new Suggestion
        {
            Check = "completeness", Column = sample.Column.Name, Min = 1, Rule = Name,
            Evidence = $"filled in all {Words.Count(sample.Rows)} rows; so at least {Words.Percent(Proportion.Wilson(1, sample.Rows))} of all rows are, at 95 %",
        };
    }
}
