using System.Globalization;
using Serverless.Cli.Terminal;
using Serverless.Profiles;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary>Profiles for a terminal of 80 columns: a line for each column, bars for how its values are spread.</summary>
internal static class ProfileView
{
    private const int BarWidth = 36;
    private const string Levels = "▁▂▃▄▅▆▇█";
    private const string PlainLevels = "_.:-=+*#";

    public static void Show(IAnsiConsole screen, string subject, long rows, IReadOnlyList<ColumnProfile> columns, bool detail)
    {
        screen.Line($"{subject}: {Cells.Plural(rows, "row")}");
        var table = Cells.Table("Column", "Type", ">Nulls", ">Distinct", "Values");
        foreach (var column in columns)
        {
            table.Row(Cells.Cut(column.Name, 24), column.Type, Cells.Count(column.Nulls), (column.DistinctError is null ? "" : "~") + Cells.Count(column.Distinct), Values(column));
            if (!detail && column.Histogram is { Counts.Count: > 1 } histogram) table.Row("", "", "", "", Spark(histogram.Counts, screen.Profile.Capabilities.Unicode));
        }

        screen.Write(table);
        if (detail) Detail(screen, columns[0]);
    }

    public static void ShowPeriods(IAnsiConsole screen, string subject, IReadOnlyList<PeriodProfile> periods, IReadOnlyList<IReadOnlyList<ColumnProfile>> columns)
    {
        screen.Line($"{subject}: {Cells.Plural(periods.Sum(p => p.State.Rows), "row")}, {Cells.Plural(periods.Count, "period")}");
        var shown = columns[0].Where(c => c.Type is "integer" or "number").Take(2).Select(c => c.Name).ToList();
        var table = Cells.Table(["Period", ">Rows", ">Nulls", .. shown.SelectMany(n => new[] { $">Mean {Cells.Cut(n, 10)}", $">Median" })]);
        for (var i = 0; i < periods.Count; i++)
        {
            var means = shown.SelectMany(n => columns[i].First(c => c.Name == n) is var c
                ? new[] { Cells.Number(Rounded(c.Mean)), Cells.Number(Rounded(c.Quantiles?.GetValueOrDefault("0.5"))) } : []);
            table.Row([periods[i].Period, Cells.Count(periods[i].State.Rows), Cells.Count(columns[i].Sum(c => c.Nulls)), .. means]);
        }

        screen.Write(table);
    }

    private static double? Rounded(double? value) => value is { } v ? Math.Round(v, 2) : null;

    /// <summary>What says most in one line: the range of what is ordered, the most frequent of what is not.</summary>
    private static string Values(ColumnProfile column) => column switch
    {
        { Mean: { } mean } => $"{Text(column.Min)} to {Text(column.Max)}, mean {Cells.Number(Math.Round(mean, 2))}",
        { Type: "timestamp", Min: not null } => $"{Text(column.Min)} to {Text(column.Max)}",
        { Top: { Count: > 0 } top } => string.Join(", ", top.Take(4).Select(t => Cells.Cut(t.Value, 12))) + (column.Distinct > 4 ? ", ..." : ""),
        _ => "",
    };

    private static void Detail(IAnsiConsole screen, ColumnProfile column)
    {
        if (column.Quantiles is { } quantiles) screen.Line("quantiles  " + string.Join("  ", quantiles.Select(q => $"{q.Key}: {Edge(column, q.Value)}")));
        if (column.Stddev is { } deviation) screen.Line($"stddev     {Cells.Number(deviation)}");
        if (column.Lengths is { } lengths) screen.Line($"length     {lengths.Min} to {lengths.Max}, mean {Cells.Number(lengths.Mean)}");
        if (column.RankError is { } error) screen.Line($"quantiles and bars are estimates, at most {error:P1} of the rows off");
        if (column.Histogram is { } histogram)
        {
            Bars(screen, [.. histogram.Counts.Select((c, i) => ($"{Edge(column, histogram.Edges[i])} to {Edge(column, histogram.Edges[i + 1])}", c))]);
        }
        else if (column.Top is { Count: > 0 } top)
        {
            Bars(screen, [.. top.Select(t => (Cells.Cut(t.Value, 24), t.Count))]);
        }
    }

    private static void Bars(IAnsiConsole screen, IReadOnlyList<(string Label, long Count)> bars)
    {
        var (most, width) = (bars.Max(b => b.Count), bars.Max(b => b.Label.Length));
        var block = screen.Profile.Capabilities.Unicode ? '█' : '#';
        foreach (var (label, count) in bars)
        {
            var length = count == 0 ? 0 : Math.Max(1, (int)Math.Round((double)BarWidth * count / most));
            screen.Line($"{label.PadLeft(width)}  {new string(block, length)} {Cells.Count(count)}");
        }
    }

    private static string Spark(IReadOnlyList<long> counts, bool unicode)
    {
        var (most, levels) = (counts.Max(), unicode ? Levels : PlainLevels);
        return string.Concat(counts.Select(c => c == 0 ? ' ' : levels[(int)Math.Min(levels.Length - 1, (long)levels.Length * c / most)]));
    }

    private static string Edge(ColumnProfile column, double value) => column.Type != "timestamp" ? Cells.Number(value)
        : DateTime.UnixEpoch.AddSeconds(value).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Text(object? value) => value switch
    {
        null => "",
        string text when DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time) && text.Length > 10 => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        string text => Cells.Cut(text, 10),
        System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.Number } number => Cells.Number(number.GetDouble()),
        System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.String } text => Text(text.GetString()),
        IConvertible number => Cells.Number(number.ToDouble(CultureInfo.InvariantCulture)),
        _ => Cells.Cut(value.ToString(), 10),
    };
}
