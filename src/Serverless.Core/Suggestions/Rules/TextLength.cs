namespace Serverless.Suggestions.Rules;

/// <summary>Text that is neither a category nor of a known shape should stay about as long as it was: exactly, where all values have one length, else up to a quarter more.</summary>
internal sealed class TextLength : ISuggestionRule
{
    private const long LeastRows = 30;

    public string Name => "length";

    public IEnumerable<Suggestion> Suggest(ColumnSample sample)
    {
        if (sample.Texts is not { Count: > 0 } texts || sample.Filled < LeastRows || sample.Column.Pattern is not null || sample.Column.Values is not null
            || CategoricalRange.Applies(sample) || Shape.Learn(texts) is not null)
        {
            yield break;
        }

        int least = texts.Min(Length), most = texts.Max(Length);
        var evidence = $"{Words.Count(sample.Distinct)} different values have {(least == most ? $"{least}" : $"{least} to {most}")} characters";
        if (least > 0) yield return new Suggestion { Check = "min-length", Column = sample.Column.Name, Min = least == most ? least : 1, Rule = Name, Evidence = evidence };
        yield return new Suggestion { Check = "max-length", Column = sample.Column.Name, Max = least == most ? most : Math.Ceiling(most * 1.25), Rule = Name, Evidence = evidence };
    }

    private static int Length(string text) => text.EnumerateRunes().Count();
}
