namespace Serverless.Problems;

/// <summary>"Did you mean ...?" for a name that does not exist.</summary>
public static class Suggest
{
    /// <summary>The closest of the known names by Damerau-Levenshtein distance, or null when none is close enough to be a slip of the keys.</summary>
    public static string? Closest(string name, IEnumerable<string> known)
    {
        var best = known
            .Select(k => (Name: k, Distance: Distance(name.ToLowerInvariant(), k.ToLowerInvariant())))
            .OrderBy(k => k.Distance).ThenBy(k => k.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Name is not null && best.Distance <= Math.Max(1, Math.Min(name.Length, best.Name.Length) / 3) ? best.Name : null;
    }

    /// <summary><c>" Did you mean 'flights'?"</c>, or <c>" Known: a, b."</c> when nothing is close; starts with a space, empty when nothing is known.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        var names = known.ToArray();
        return Closest(name, names) is { } close ? $" Did you mean '{close}'?"
            : names.Length > 0 ? $" Known: {string.Join(", ", names.Order(StringComparer.Ordinal))}." : "";
    }

    /// <summary>The same as the end of a sentence: <c>"; did you mean 'flights'?"</c>, <c>". Known: a, b."</c>, or a full stop.</summary>
    public static string Ending(string name, IEnumerable<string> known)
    {
        var names = known.ToArray();
        return Closest(name, names) is { } close ? $"; did you mean '{close}'?" : $".{Hint(name, names)}";
    }

    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}
