namespace Serverless.Cli.Terminal;

/// <summary>A series in one line of text.</summary>
internal static class Spark
{
    private const string Levels = "▁▂▃▄▅▆▇█";

    /// <summary>One character for each value, or for several neighbours (their mean) where there are more values than columns; a dot where there is none.</summary>
    /// <param name="marked">Whether a value is to be marked.</param>
    /// <returns>The line, and under it the marks; the second is empty when nothing is marked.</returns>
    public static (string Line, string Marks) Draw(IReadOnlyList<double?> values, Func<int, bool> marked, int width)
    {
        var columns = Math.Min(width, values.Count);
        var line = new char[columns];
        var marks = new char[columns];
        double?[] means = [.. Enumerable.Range(0, columns).Select(c => values.Skip(First(c)).Take(First(c + 1) - First(c)).Average())];
        double low = means.Min() ?? 0, high = means.Max() ?? 0;
        for (var c = 0; c < columns; c++)
        {
            line[c] = means[c] is { } v ? high > low ? Levels[Math.Min(7, (int)((v - low) / (high - low) * 8))] : Levels[3] : '·';
            marks[c] = Enumerable.Range(First(c), First(c + 1) - First(c)).Any(marked) ? '^' : ' ';
        }

        return (new string(line), new string(marks).TrimEnd());

        int First(int column) => (int)((long)column * values.Count / columns);
    }
}
