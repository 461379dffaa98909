using Serverless.Checks;

namespace Serverless.Suggestions.Rules;

/// <summary>Text in which every value reads as a number or a truth value should stay so; that it is text may be a slip of the contract. Source: Deequ, RetainTypeRule.</summary>
internal sealed class RetainType : ISuggestionRule
{
    private const long LeastRows = 30;

    public string Name => "retain-type";

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        if (sample.Texts is not { Count: > 0 } texts || sample.Filled < LeastRows) yield break;
        var type = texts.All(TextTypes.IsIntegral) ? "integral" : texts.All(t => TextTypes.IsIntegral(t) || TextTypes.IsFractional(t)) ? "numeric" : texts.All(TextTypes.IsBoolean) ? "boolean" : null;
        if (type is null) yield break;
        yield return new Suggestion
        {
            Check = "data-type", Column = sample.Column.Name, Type = type, Min = 1, Rule = Name,
            Evidence = $"a text column, but all {Words.Count(sample.Distinct)} different values read as {type}",
        };
    }
}
