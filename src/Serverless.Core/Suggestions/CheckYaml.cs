using System.Globalization;
using System.Text;

namespace Serverless.Suggestions;

/// <summary>Checks and columns as lines of a dataset file.</summary>
internal static class CheckYaml
{
    public static string Of(Suggestion s)
    {
        var parts = new List<string> { $"check: {s.Check}" };
        if (s.Column is { } column) parts.Add($"column: {Scalar(column)}");
        if (s.Values is { } values) parts.Add($"values: [{string.Join(", ", values.Select(Scalar))}]");
        if (s.Type is { } type) parts.Add($"type: {type}");
        if (s.Within is { } within) parts.Add($"within: {within}, of: end");
        if (s.Pattern is { } pattern) parts.Add($"pattern: {Quoted(pattern)}");
        if (s.Min is { } min) parts.Add($"min: {Number(min)}");
        if (s.Max is { } max) parts.Add($"max: {Number(max)}");
        if (s.Where is { } where) parts.Add($"where: {Quoted(where)}");
        parts.Add($"severity: {s.Severity.ToString().ToLowerInvariant()}");
        return $"{{ {string.Join(", ", parts)} }}";
    }

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Plain where nothing can be misread, else in double quotes.</summary>
    public static string Scalar(string text)
    {
        var plain = text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
        return plain || IsWhole(text) ? text : Quoted(text);
    }

    public static string Quoted(string text)
    {
        var yaml = new StringBuilder("\"");
        foreach (var c in text)
        {
            yaml.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' or '\ufeff' => $"\\u{(int)c:X4}",
                _ => c.ToString(),
            });
        }

        return yaml.Append('"').ToString();
    }

    // 007 is a text, 7 a number: only what is written as numbers are stays plain.
    private static bool IsWhole(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && number.ToString(CultureInfo.InvariantCulture) == text;
}
