using System.Globalization;
using Serverless.Drift;
using Serverless.Monitoring;
using Serverless.Profiles;

namespace Serverless.Reports;

/// <summary>A comparison of two sets of rows as a report.</summary>
public static class DriftPages
{
    /// <param name="reference">In words: a file's name, a window.</param>
    public static ReportDocument Of(string title, DriftReport drift, string reference, ProfileState before, string current, ProfileState now, DateTimeOffset at)
    {
        var drifted = drift.Columns.Where(c => c.Drifted).Select(c => c.Name).ToList();
        return new ReportDocument
        {
            Title = title,
            GeneratedAt = at,
            Verdict = Verdict(drift),
            Facts =
            [
                new("Reference", $"{drift.ReferenceRows.ToString("N0", CultureInfo.InvariantCulture)} rows"), new("Current", $"{drift.CurrentRows.ToString("N0", CultureInfo.InvariantCulture)} rows"),
                new("Columns compared", drift.Columns.Count(c => c.NotApplicable is null).ToString(CultureInfo.InvariantCulture)), new("Drifted", drifted.Count.ToString(CultureInfo.InvariantCulture)), new("Method", drift.Method),
            ],
            Changes = [.. drift.UpstreamChanges.Select(Sentence)],
            Comparison = ColumnCards.Comparison(drift, reference, current),
            Columns = ColumnCards.Of(before, now, drift),
        };
    }

    /// <summary>Two windows of a dataset, or a model's new data against what it learned from.</summary>
    public static ReportDocument Of(MonitorReport report)
    {
        var drift = report.Data();
        var answers = new[] { ("predictions", report.Prediction), ("predictions given lately", report.Served), ("label", report.Label) };
        return new ReportDocument
        {
            Title = report.Model is null ? $"Drift of {report.Dataset}" : $"Drift of {report.Model} {report.Version}",
            GeneratedAt = report.At,
            Verdict = report.Reasons.Count > 0 ? new ReportVerdict(ReportLevel.Bad, string.Join("; ", report.Reasons)) : Verdict(drift),
            Facts =
            [
                new("Reference", Window(report.Reference)), new("Current", Window(report.Current)), new("Reference rows", Count(report.Reference.Rows)), new("Current rows", Count(report.Current.Rows)),
                .. report.Multivariate is { } m ? [new ReportFact("All columns together", $"{m.Method} {m.Statistic.ToString("G4", CultureInfo.InvariantCulture)}")] : Array.Empty<ReportFact>(),
            ],
            Changes = [.. report.UpstreamChanges.Select(Sentence), .. report.Shapes.Select(s => $"{s.Key}, distance from the reference by partition: {s.Value.Kind.ToString().ToLowerInvariant()}; {s.Value.Message}"), .. report.Notes],
            Comparison = ColumnCards.Comparison(drift, Window(report.Reference), Window(report.Current)),
            Columns = [.. report.Columns.Select(c => ColumnCards.Of(c)), .. answers.Where(a => a.Item2 is not null).Select(a => ColumnCards.Of(a.Item2!, a.Item1))],
        };
    }

    private static string Window(WindowFacts window) => string.Create(CultureInfo.InvariantCulture, $"{window.From.UtcDateTime:yyyy-MM-dd} to {window.To.AddTicks(-1).UtcDateTime:yyyy-MM-dd}");

    private static string Count(long rows) => rows.ToString("N0", CultureInfo.InvariantCulture);

    internal static ReportVerdict Verdict(DriftReport drift)
    {
        var drifted = drift.Columns.Where(c => c.Drifted).Select(c => c.Name).ToList();
        var names = drifted.Count is > 0 and <= 5 ? $": {string.Join(", ", drifted)}" : "";
        return drift.Drifted ? new ReportVerdict(ReportLevel.Bad, drift.Dataset is { } all ? $"The data drifted: {all.Method} tells the two apart" : $"The data drifted: {drifted.Count} of {drift.Columns.Count} columns{names}")
            : drifted.Count > 0 ? new ReportVerdict(ReportLevel.Warning, $"{drifted.Count} of {drift.Columns.Count} columns drifted{names}")
            : new ReportVerdict(ReportLevel.Good, "No drift was found");
    }

    internal static string Sentence(UpstreamChange change) => change.Message.Contains(change.Column, StringComparison.Ordinal) ? change.Message : $"{change.Column}: {change.Message}";
}
