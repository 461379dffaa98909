namespace Serverless.Suggestions.Rules;

/// <summary>
/// A column that is filled in part (more than 20 %) should stay about as full: at least the lower end of Wilson's interval, of the worst partition where there are
/// several, because the check will look at each by itself. Source: Deequ, RetainCompletenessRule.
/// </summary>
internal sealed class RetainCompleteness : ISuggestionRule
{
    private const double Least = 0.2;

    public string Name => "retain-completeness";

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        if (sample.Completeness is <= Least or >= 1 || sample.Column.Required) yield break;
        var bounds = sample.Parts.Where(p => p.Rows > 0).Select(p => Proportion.WilsonLower((double)p.Filled / p.Rows, p.Rows)).ToArray();
        if (bounds.Min() <= 0) yield break;
        var worst = sample.Parts.Where(p => p.Rows > 0).Min(p => (double)p.Filled / p.Rows);
        yield return new Suggestion
        {
            Check = "completeness", Column = sample.Column.Name, Min = bounds.Min(), Rule = Name,
            Evidence = $"filled in {Words.Count(sample.Filled)} of {Words.Count(sample.Rows)} rows ({Words.Percent(sample.Completeness)})"
                + (bounds.Length > 1 ? $", {Words.Percent(worst)} in the worst of {bounds.Length} partitions" : "") + "; the limit is the lower end of Wilson's 95 % interval",
        };
    }
}
