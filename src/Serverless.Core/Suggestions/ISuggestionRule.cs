using System.Globalization;

namespace Serverless.Suggestions;

/// <summary>One reason to suggest a check for a column. A new rule is one file and one line in <see cref="SuggestionsServices"/>.</summary>
public interface ISuggestionRule
{
    string Name { get; }

    /// <summary>What speaks for itself in the figures; what the contract says already is not suggested again.</summary>
    IEnumerable<Suggestion> Suggest(ColumnSample sample);
}

/// <summary>Figures in sentences.</summary>
internal static class Words
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => (Math.Floor(share * 1e6) / 1e4).ToString("0.####", CultureInfo.InvariantCulture) + " %";

    public static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
