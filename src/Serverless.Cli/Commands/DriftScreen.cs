using System.Globalization;
using Serverless.Cli.Terminal;
using Serverless.Drift;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary>A drift report for a person: the worst first, a bar that is full where the threshold is reached.</summary>
internal static class DriftScreen
{
    private const int BarLength = 6;

    public static void Show(IAnsiConsole screen, string reference, string current, DriftReport report)
    {
        screen.Line($"{current} ({Cells.Plural(report.CurrentRows, "row")}) against {reference} ({Cells.Plural(report.ReferenceRows, "row")})");
        if (report.Columns.Any(c => c.NotApplicable is null)) screen.Write(Columns(report));
        foreach (var column in report.Columns.Where(c => c.NotApplicable is not null)) screen.Line($"{column.Name} was not compared: {column.NotApplicable}.");
        if (report.Dataset is { } dataset) screen.Line($"{dataset.Method}: {Figure(dataset.Statistic)}{(dataset.PValue is { } p ? $", p {Figure(p)}" : "")}, threshold {Figure(dataset.Threshold)}");
        foreach (var column in report.Columns.Where(c => c.Missing.Drifted))
        {
            screen.MarkupLine($"[red]{Markup.Escape(column.Name)}[/]: {Percent(column.Missing.Current)} of the rows have no value; in the reference {Percent(column.Missing.Reference)}.");
        }

        foreach (var change in report.UpstreamChanges) screen.MarkupLine($"[yellow]{Markup.Escape(change.Column)}[/]: {Markup.Escape(change.Message)}");
        if (report.Correction != PValueCorrection.None) screen.Line($"{Cells.Plural(report.CorrectedTests, "p-value")} corrected by {Name(report.Correction)}; effect sizes are not corrected.");
        var drifted = report.Columns.Count(c => c.Drifted);
        var verdict = report.Drifted ? "[red]drifted[/]" : drifted > 0 ? "[yellow]not drifted as a whole[/]" : "[green]not drifted[/]";
        screen.MarkupLine(report.Dataset is not null ? verdict
            : $"{verdict}: {drifted} of {Cells.Plural(report.Columns.Count(Counted), "column")} ({Percent(report.Share)}; the data drifted from {Percent(report.ShareThreshold)} on)");
    }

    private static bool Counted(DriftColumn column) => column.NotApplicable is null || column.Missing.Drifted;

    private static Table Columns(DriftReport report)
    {
        var table = Cells.Table("Column", "Method", ">Found", ">Limit", "", "");
        foreach (var column in report.Columns.Where(c => c.NotApplicable is null).OrderByDescending(c => c.Severity).ThenByDescending(Fullness))
        {
            table.Marked(
                Markup.Escape(Cells.Cut(column.Name, 20)), Markup.Escape(column.Method),
                column.PValue is { } p ? $"p {Figure(column.AdjustedPValue ?? p)}" : Figure(column.Normalised ?? column.Statistic),
                (column.PValue is null ? "≥ " : "< ") + Figure(column.Threshold), Bar(column), Word(column));
        }

        return table;
    }

    /// <summary>How near the threshold: 1 at it. p-values on a logarithmic scale.</summary>
    private static double Fullness(DriftColumn column) => column.Threshold is not { } threshold ? 0
        : column.PValue is { } p ? Math.Log(Math.Max(1e-300, column.AdjustedPValue ?? p)) / Math.Log(threshold)
        : (column.Normalised ?? column.Statistic ?? 0) / threshold;

    private static string Bar(DriftColumn column)
    {
        var filled = (int)Math.Round(Math.Clamp(Fullness(column), 0, 1) * BarLength);
        var colour = column.Severity switch { DriftSeverity.Drift => "red", DriftSeverity.Possible => "yellow", _ => "green" };
        return $"[{colour}]{new string('█', filled)}[/]{new string('░', BarLength - filled)}";
    }

    private static string Word(DriftColumn column) => column.Severity switch
    {
        DriftSeverity.Drift => "[red]drift[/]",
        DriftSeverity.Possible => "[yellow]possible[/]",
        _ => "[green]ok[/]",
    };

    private static string Name(PValueCorrection correction) => correction == PValueCorrection.Bh ? "Benjamini-Hochberg" : "Bonferroni";

    private static string Percent(double share) => share.ToString("0.# %", CultureInfo.InvariantCulture);

    // Small p-values keep their order of magnitude.
    private static string Figure(double? value) => value is { } v && v != 0 && Math.Abs(v) < 0.001 ? v.ToString("0.#E+0", CultureInfo.InvariantCulture).Replace("E-", "e-", StringComparison.Ordinal) : Cells.Number(value);
}
