using Serverless.Datasets;

namespace Serverless.Suggestions.Rules;

/// <summary>
/// A filled column whose values are (nearly) all different should stay so. Deequ's rule works on an estimate and so allows 8 %; here values are counted, and what is only
/// nearly unique is suggested with the share that was seen. Source: Deequ, UniqueIfApproximatelyUniqueRule.
/// </summary>
internal sealed class UniqueIfUnique : ISuggestionRule
{
    private const double Nearly = 0.92;
    private const long LeastRows = 20;

    public string Name => "unique-if-approximately-unique";

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        // Measurements and flags may be different by chance, or not at all; that says nothing of a key.
        if (sample.Rows < LeastRows || sample.Filled < sample.Rows || sample.Column.Type is ColumnType.Number or ColumnType.Boolean) yield break;
        if ((double)sample.Distinct / sample.Rows < Nearly) yield break;
        var least = sample.Distinct == sample.Rows ? 1
            : sample.Parts.Zip(sample.OnceInParts).Where(p => p.First.Rows > 0).Min(p => Proportion.WilsonLower((double)p.Second / p.First.Rows, p.First.Rows));
        if (least <= 0) yield break;
        yield return new Suggestion
        {
            Check = "uniqueness", Column = sample.Column.Name, Rule = Name,
            Min = least,
            Evidence = sample.Distinct == sample.Rows ? $"all {Words.Count(sample.Rows)} values are different" : $"{Words.Count(sample.Distinct)} different values in {Words.Count(sample.Rows)} rows",
        };
    }
}
