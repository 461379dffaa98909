using System.Globalization;

namespace Serverless.Checks;

/// <summary>
/// Values of one or more columns as one text that cannot be mistaken for another: <c>c</c> (all filled) or <c>p</c> (some not), then for each column its length, a colon and
/// the text, or <c>-</c> for an empty one. <c>c3:SEA2:12</c>. The length counts characters as the writer does; only the same writer's keys are compared.
/// </summary>
public static class GroupKey
{
    /// <summary>The key of one column.</summary>
    public static string Of(string value) => string.Create(CultureInfo.InvariantCulture, $"c{CodePoints(value)}:{value}");

    public static bool IsComplete(string key) => key[0] == 'c';

    /// <summary>The values of a complete key.</summary>
    public static string[] Split(string key)
    {
        var parts = new List<string>(2);
        for (var at = 1; at < key.Length;)
        {
            var colon = key.IndexOf(':', at);
            var start = colon + 1;
            var end = start;
            for (var left = int.Parse(key.AsSpan(at, colon - at), CultureInfo.InvariantCulture); left > 0; left--) end += char.IsHighSurrogate(key[end]) && end + 1 < key.Length ? 2 : 1;
            parts.Add(key[start..end]);
            at = end;
        }

        return [.. parts];
    }

    private static int CodePoints(string value)
    {
        var pairs = 0;
        foreach (var c in value)
        {
            if (char.IsHighSurrogate(c)) pairs++;
        }

        return value.Length - pairs;
    }
}
