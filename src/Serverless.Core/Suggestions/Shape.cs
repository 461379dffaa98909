using System.Globalization;
using System.Text;

namespace Serverless.Suggestions;

/// <summary>
/// Learns one anchored regular expression from texts that have the same shape: runs of capital letters, small letters, digits, and other characters as they are. Where
/// the runs differ, capital and small letters are taken together, then letters and digits. RE2 syntax.
/// </summary>
internal static class Shape
{
    private const int MostRuns = 12;
    private const int MostLength = 64;

    private static readonly Func<char, string>[] Alphabets =
    [
        c => char.IsAsciiLetterUpper(c) ? "[A-Z]" : char.IsAsciiLetterLower(c) ? "[a-z]" : char.IsAsciiDigit(c) ? "[0-9]" : Literal(c),
        c => char.IsAsciiLetter(c) ? "[A-Za-z]" : char.IsAsciiDigit(c) ? "[0-9]" : Literal(c),
        c => char.IsAsciiLetterOrDigit(c) ? "[A-Za-z0-9]" : Literal(c),
    ];

    /// <summary>The expression, or null when the texts have no one shape, or one that says little (a single run of any length).</summary>
    public static string? Learn(IReadOnlyCollection<string> texts)
    {
        if (texts.Count == 0 || texts.Any(t => t.Length is 0 or > MostLength || !t.All(c => c is >= ' ' and <= '~'))) return null;
        return Alphabets.Select(a => With(texts, a)).FirstOrDefault(p => p is not null);
    }

    private static string? With(IReadOnlyCollection<string> texts, Func<char, string> alphabet)
    {
        string[]? shape = null;
        int[] least = [], most = [];
        foreach (var text in texts)
        {
            var runs = Runs(text, alphabet);
            if (shape is null)
            {
                if (runs.Count > MostRuns) return null;
                shape = [.. runs.Select(r => r.Class)];
                (least, most) = ([.. runs.Select(r => r.Length)], [.. runs.Select(r => r.Length)]);
                continue;
            }

            if (runs.Count != shape.Length) return null;
            for (var i = 0; i < shape.Length; i++)
            {
                if (runs[i].Class != shape[i]) return null;
                least[i] = Math.Min(least[i], runs[i].Length);
                most[i] = Math.Max(most[i], runs[i].Length);
            }
        }

        // One run of some length is a word, not a code.
        var fixedLength = least.SequenceEqual(most);
        if (shape!.Length == 1 && !fixedLength) return null;
        var pattern = new StringBuilder("^");
        for (var i = 0; i < shape.Length; i++)
        {
            // How much longer a run can get than was seen is not known; that it is not empty is.
            pattern.Append(shape[i]).Append(least[i] != most[i] ? "+" : least[i] == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{{{least[i]}}}"));
        }

        return pattern.Append('$').ToString();
    }

    private static List<(string Class, int Length)> Runs(string text, Func<char, string> alphabet)
    {
        var runs = new List<(string Class, int Length)>();
        foreach (var c in text)
        {
            var kind = alphabet(c);
            if (runs.Count > 0 && runs[^1].Class == kind) runs[^1] = (kind, runs[^1].Length + 1);
            else runs.Add((kind, 1));
        }

        return runs;
    }

    private static string Literal(char c) => char.IsAsciiLetterOrDigit(c) || c is ' ' or '_' or '-' or ':' or '/' or ',' or '@' or '#' or '%' or '&' or '=' or ';' or '\'' or '"' or '<' or '>' or '~' or '!' or '`'
        ? c.ToString() : $"\\{c}";
}
