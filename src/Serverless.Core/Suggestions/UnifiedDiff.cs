namespace Serverless.Suggestions;

/// <summary>What changes between two texts, as one hunk of a unified diff: right for an edit in one place.</summary>
public static class UnifiedDiff
{
    private const int Context = 3;

    /// <summary>The lines of the diff, without line breaks; empty when the texts are equal.</summary>
    public static IReadOnlyList<string> Of(string file, string before, string after)
    {
        if (before == after) return [];
        string[] a = Lines(before), b = Lines(after);
        var same = 0;
        while (same < Math.Min(a.Length, b.Length) && a[same] == b[same]) same++;
        var tail = 0;
        while (tail < Math.Min(a.Length, b.Length) - same && a[^(tail + 1)] == b[^(tail + 1)]) tail++;
        var from = Math.Max(0, same - Context);
        var after1 = Math.Min(Context, tail);
        var (countA, countB) = (a.Length - tail + after1 - from, b.Length - tail + after1 - from);
        return
        [
            $"--- a/{file}", $"+++ b/{file}", $"@@ -{Start(from, countA)},{countA} +{Start(from, countB)},{countB} @@",
            .. a[from..same].Select(l => " " + l),
            .. a[same..(a.Length - tail)].Select(l => "-" + l),
            .. b[same..(b.Length - tail)].Select(l => "+" + l),
            .. a[(a.Length - tail)..(a.Length - tail + after1)].Select(l => " " + l),
        ];
    }

    private static int Start(int from, int count) => count == 0 ? from : from + 1;

    private static string[] Lines(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
