using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Drift.Samples;

/// <summary>
/// What of free text is compared: its length in characters, its number of words, and the share of its characters that are not letters (Evidently's descriptors less
/// those that need a dictionary). A string column is text when its reference has more than 50 different values and fewer than 2 rows for each.
/// </summary>
internal static class TextParts
{
    public const int MostCategories = 50;
    public const int LeastRowsEach = 2;

    public static bool IsText(CategoricalSample reference) => reference.Labels.Length > MostCategories && reference.Count < (long)LeastRowsEach * reference.Labels.Length;

    /// <summary>Whether most of the values are single words, such as codes and names: those can be compared as categories by who asks for it.</summary>
    public static bool IsWords(CategoricalSample reference)
    {
        long single = 0;
        for (var i = 0; i < reference.Labels.Length; i++) single += Words(reference.Labels[i]) <= 1 ? reference.Counts[i] : 0;
        return 2 * single > reference.Count;
    }

    public static IReadOnlyList<ColumnPart> Of(CategoricalSample reference, CategoricalSample current) =>
    [
        Part($"length({reference.Name})", reference, current, t => new StringInfo(t).LengthInTextElements),
        Part($"words({reference.Name})", reference, current, t => Words(t)),
        Part($"nonletters({reference.Name})", reference, current, NonLetters),
    ];

    private static ColumnPart Part(string name, CategoricalSample a, CategoricalSample b, Func<string, double> figure) => new(name, Made(name, a, figure), Made(name, b, figure));

    private static NumericSample Made(string name, CategoricalSample sample, Func<string, double> figure)
    {
        var counts = new SortedDictionary<double, long>();
        for (var i = 0; i < sample.Labels.Length; i++)
        {
            var value = figure(sample.Labels[i]);
            counts[value] = counts.GetValueOrDefault(value) + sample.Counts[i];
        }

        return new(name, ColumnType.Number, sample.Rows, sample.Missing, [.. counts.Keys], [.. counts.Values]);
    }

    private static int Words(string text)
    {
        var (words, within) = (0, false);
        foreach (var c in text)
        {
            var blank = char.IsWhiteSpace(c);
            if (!blank && !within) words++;
            within = !blank;
        }

        return words;
    }

    private static double NonLetters(string text) => text.Length == 0 ? 0 : text.Count(c => !char.IsLetter(c)) / (double)text.Length;
}
