using System.Globalization;
using System.Text;

namespace Serverless.Alerts;

/// <summary>Text from elsewhere (names, messages of checks, reasons) made fit for one line of a header, a title or a log.</summary>
internal static class Line
{
    /// <summary>Without line breaks, control and formatting characters; at most <paramref name="length"/> characters, never half a surrogate pair.</summary>
    public static string One(string? text, int length = 500)
    {
        var line = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format)
            {
                // Also U+202E and its like, which make a text read as another.
                if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
                continue;
            }

            line.Append(rune);
        }

        return Cut(line.ToString().Trim(), length);
    }

    public static string Cut(string text, int length)
    {
        if (text.Length <= length) return text;
        var end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return text[..end] + "…";
    }
}
