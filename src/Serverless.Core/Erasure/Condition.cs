using System.Text.RegularExpressions;

namespace Serverless.Erasure;

/// <summary>The condition of an erasure names a person, so what is kept of it has no values.</summary>
internal static partial class Condition
{
    /// <summary><c>customer_id = 7 AND name = 'Ann'</c> becomes <c>customer_id = ? AND name = ?</c>.</summary>
    public static string Masked(string condition) => Literal().Replace(condition, m => m.Groups["name"].Success ? m.Value : "?");

    [GeneratedRegex("""'(?:[^']|'')*'|\$\$.*?\$\$|(?<name>"(?:[^"]|"")*")|(?<name>[\p{L}_][\w]*)|\d[\w.]*""", RegexOptions.Singleline)]
    private static partial Regex Literal();
}
