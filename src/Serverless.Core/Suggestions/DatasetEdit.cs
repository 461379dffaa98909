using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Serverless.Suggestions;

/// <summary>
/// Adds checks to the text of a dataset file, and leaves every other character as it is: comments, order, quoting, line ends. Works on the text by the places that the
/// YAML parser reports.
/// </summary>
public static class DatasetEdit
{
    /// <summary>The text with the lines added to its <c>checks</c>; equal to the given one when there are no lines.</summary>
    /// <param name="lines">Checks in YAML, one line each, without the dash.</param>
    public static string AddChecks(string text, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return text;
        var newline = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        string Block(string indent) => string.Concat(lines.Select(l => $"{indent}- {l}{newline}"));
        if (Find(text) is not { } section)
        {
            var end = text.Length == 0 || text.EndsWith('\n') ? "" : newline;
            return text + end + (text.Length == 0 ? "" : newline) + "checks:" + newline + Block("  ");
        }

        // checks: with nothing behind it, or an empty list: the block takes the place of what is there.
        if (section.Empty)
        {
            var line = LineEnd(text, section.Start);
            return text[..section.Start].TrimEnd(' ') + text[section.End..line].TrimEnd() + newline + Block("  ") + text[Math.Min(text.Length, NextLine(text, line))..];
        }

        // A list in brackets: before the closing one.
        if (section.Flow) return text[..section.End].TrimEnd().TrimEnd(',') + ", " + string.Join(", ", lines) + text[section.End..];

        var last = LastLineOf(text, section);
        var insert = NextLine(text, LineEnd(text, last));
        var before = insert > 0 && insert <= text.Length && text[insert - 1] != '\n' ? newline : "";
        return text[..insert] + before + Block(new string(' ', section.Indent)) + text[insert..];
    }

    private sealed record Section(int Start, int End, bool Flow, bool Empty, int Indent);

    /// <summary>Where the value of the top-level key <c>checks</c> stands; null when there is no such key.</summary>
    private static Section? Find(string text)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        parser.Consume<DocumentStart>();
        parser.Consume<MappingStart>();
        while (!parser.Accept<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>();
            if (key.Value != "checks")
            {
                parser.SkipThisAndNestedEvents();
                continue;
            }

            if (parser.TryConsume<Scalar>(out var nothing)) return new Section(Colon(text, key), Math.Max(Colon(text, key), (int)nothing.End.Index), false, true, 0);
            var start = parser.Consume<SequenceStart>();
            var (count, lastStart) = (0, 0);
            while (!parser.Accept<SequenceEnd>(out _))
            {
                lastStart = (int)((ParsingEvent)parser.Current!).Start.Index;
                count++;
                parser.SkipThisAndNestedEvents();
            }

            var end = parser.Consume<SequenceEnd>();
            if (start.Style == SequenceStyle.Flow)
            {
                var bracket = text.IndexOf(']', (int)end.Start.Index);
                return count == 0 ? new Section((int)start.Start.Index, bracket + 1, true, true, 0) : new Section((int)start.Start.Index, bracket, true, false, 0);
            }

            // The list ends where the next key begins, with what stands between them not part of it.
            var dash = LineStart(text, (int)start.Start.Index);
            return new Section(lastStart, NextKey(parser, text), false, false, (int)start.Start.Index - dash);
        }

        return null;
    }

    private static int NextKey(Parser parser, string text) => parser.Accept<MappingEnd>(out _) ? text.Length : (int)parser.Current!.Start.Index;

    /// <summary>The start of the last line of the section that has something other than a comment or a blank.</summary>
    private static int LastLineOf(string text, Section section)
    {
        var last = LineStart(text, section.Start);
        for (var at = last; at < section.End; at = NextLine(text, LineEnd(text, at)))
        {
            var line = text[at..LineEnd(text, at)].Trim();
            if (line.Length > 0 && line is not ("..." or "---") && (line[0] != '#')) last = at;
            if (NextLine(text, LineEnd(text, at)) == at) break;
        }

        return last;
    }

    private static int Colon(string text, Scalar key) => text.IndexOf(':', (int)key.End.Index) + 1;

    private static int LineStart(string text, int at) => at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;

    /// <summary>The place of the line's end, before its line break.</summary>
    private static int LineEnd(string text, int at)
    {
        var end = text.IndexOf('\n', at);
        return end < 0 ? text.Length : end > at && text[end - 1] == '\r' ? end - 1 : end;
    }

    private static int NextLine(string text, int end)
    {
        var next = text.IndexOf('\n', end);
        return next < 0 ? text.Length : next + 1;
    }
}
