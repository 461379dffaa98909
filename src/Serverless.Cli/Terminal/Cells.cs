using System.Globalization;
using Spectre.Console;

namespace Serverless.Cli.Terminal;

/// <summary>How figures look in tables: the same everywhere, whatever the culture of the machine.</summary>
internal static class Cells
{
    /// <summary>The table that every listing uses: light, and safe in 80 columns.</summary>
    public static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (var column in columns)
        {
            var right = column.StartsWith('>');
            table.AddColumn(new TableColumn(Markup.Escape(right ? column[1..] : column))
            {
                Alignment = right ? Justify.Right : Justify.Left,
                NoWrap = right || table.Columns.Count == 0 || column.EndsWith("(UTC)", StringComparison.Ordinal), // half a figure is no figure, half a name no name
            });
        }

        return table;
    }

    /// <summary>A line as it is, however long: what a person may want to copy is never broken.</summary>
    public static void Line(this IAnsiConsole screen, string text = "") => screen.Profile.Out.Writer.WriteLine(text);

    /// <summary>Adds a row of plain text.</summary>
    public static void Row(this Table table, params string?[] cells) => table.AddRow(cells.Select(c => Markup.Escape(c ?? "")).ToArray());

    /// <summary>Adds a row whose cells are Spectre markup.</summary>
    public static void Marked(this Table table, params string[] cells) => table.AddRow(cells);

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Four significant places at least, no noise after them.</summary>
    public static string Number(double? value) => value switch
    {
        null => "",
        { } v when !double.IsFinite(v) => v.ToString(CultureInfo.InvariantCulture),
        { } v when v == Math.Truncate(v) && Math.Abs(v) < 1e15 => v.ToString("N0", CultureInfo.InvariantCulture),
        { } v when Math.Abs(v) >= 1000 => v.ToString("N1", CultureInfo.InvariantCulture),
        { } v => v.ToString("0.####", CultureInfo.InvariantCulture),
    };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Seconds(double seconds) => seconds.ToString(seconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " s";

    public static string Size(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => (bytes / 1024d).ToString("0.0", CultureInfo.InvariantCulture) + " KB",
        < 1024L * 1024 * 1024 => (bytes / 1048576d).ToString("0.0", CultureInfo.InvariantCulture) + " MB",
        _ => (bytes / 1073741824d).ToString("0.0", CultureInfo.InvariantCulture) + " GB",
    };

    /// <summary>As much of a text as fits, for cells whose whole is in the JSON.</summary>
    public static string Cut(string? text, int length) => text is null ? "" : text.Length <= length ? text : text[..(length - 1)] + "…";

    /// <summary>1 file, 2 files.</summary>
    public static string Plural(long count, string noun, string? many = null) => $"{Count(count)} {(count == 1 ? noun : many ?? noun + "s")}";
}
