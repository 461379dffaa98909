using System.Globalization;
using Serverless.Drift;
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
