using System.Text.RegularExpressions;

namespace Serverless.Checks;

/// <summary>Whether a text is a regular expression that RE2 can read.</summary>
internal static class PatternText
{
    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static string? Problem(string pattern)
    {
        try
        {
            // Without backtracking .NET takes the same language as RE2: no look-around, no back-references. It is only parsed here, never run.
            _ = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return null;
        }
        catch (RegexParseException e)
        {
            return $"'pattern' is not a regular expression: {e.Error} at character {e.Offset + 1} of '{pattern}'.";
        }
        catch (NotSupportedException)
        {
            return $"'pattern' uses look-around, a back-reference or an atomic group, which RE2 does not have: '{pattern}'.";
        }
    }
}
