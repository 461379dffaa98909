using System.Globalization;
using Serverless.Drift;
using Serverless.Profiles;

namespace Serverless.Reports;

/// <summary>Columns as a report shows them: what the comparison said, a few figures, and the distribution.</summary>
internal static class ColumnCards
{
    /// <param name="drift">What a comparison of the two said; null when there was none.</param>
    /// <returns>The columns that were compared; all where nothing was, or all were compared together.</returns>
    public static IReadOnlyList<ReportColumn> Of(ProfileState? reference, ProfileState current, DriftReport? drift) => [.. current.Columns.Where(c => drift is null || drift.Columns.Count == 0 || drift.Columns.Any(d => d.Name == c.Name)).Select(now =>
    {
        var before = reference?.Columns.FirstOrDefault(c => c.Name == now.Name && c.Type == now.Type);
        return new ReportColumn
        {
            Name = now.Name,
            Type = Frequencies.TypeName(now.Type),
            Drift = drift?.Columns.FirstOrDefault(c => c.Name == now.Name) is { } found ? Verdict(found) : null,
            Figures = Figures(before, now),
            Distribution = Distributions.Of(before, now),
        };
    })];

    public static string Comparison(DriftReport drift, string reference, string current)
    {
        var thresholds = drift.Columns.Where(c => c.Expectation is not null).Select(Rule).Distinct().Order(StringComparer.Ordinal).ToList();
        return $"{current} ({Count(drift.CurrentRows)} rows) against {reference} ({Count(drift.ReferenceRows)} rows). "
            + (thresholds.Count == 0 ? "" : $"A column drifts when {string.Join(", or ", thresholds)}. ")
            + (drift.Correction == PValueCorrection.None ? "" : $"P-values are corrected for {drift.CorrectedTests} tests ({drift.Correction.ToString().ToLowerInvariant()}). ")
            + (drift.Dataset is { } all ? $"{all.Method} over all columns: {Number(all.Statistic)}{(all.PValue is { } p ? $", p {Number(p)}" : "")}, threshold {Number(all.Threshold)}."
                : $"The whole drifts when {drift.ShareThreshold.ToString("P0", CultureInfo.InvariantCulture)} of the columns do; here {drift.Share.ToString("P0", CultureInfo.InvariantCulture)}.");
    }

    // The same rule holds for every column that it is for.
    private static string Rule(DriftColumn c)
    {
        var (open, close) = (c.Expectation!.IndexOf('('), c.Expectation.LastIndexOf(')'));
        return open < 0 || close < open ? c.Expectation : c.Expectation[..open] + c.Expectation[(close + 1)..];
    }

    /// <summary>A compared column whose profile is not at hand: what the comparison itself kept of it.</summary>
    public static ReportColumn Of(DriftColumn compared, string? name = null) => new()
    {
        Name = name ?? compared.Name,
        Type = compared.Type,
        Drift = Verdict(compared),
        Figures = [new("missing", Share(compared.Missing.Reference), Share(compared.Missing.Current))],
        Distribution = compared.Distribution is { } d ? new ReportDistribution(d.Labels, d.Reference, d.Current, d.Edges is not null) : null,
    };

    private static string Share(double share) => share.ToString("0.##%", CultureInfo.InvariantCulture);

    private static ReportDrift Verdict(DriftColumn c) => new(c.Method, c.Normalised ?? c.Statistic, c.AdjustedPValue ?? c.PValue, c.Threshold, c.Drifted,
        c.Severity.ToString().ToLowerInvariant(), c.NotApplicable ?? (c.Missing.Drifted ? "the share of missing values changed" : null));

    private static IReadOnlyList<ReportFigure> Figures(ColumnState? before, ColumnState now)
    {
        var (old, fresh) = (before?.ToProfile(), now.ToProfile());
        var figures = new List<ReportFigure> { new("missing", before is null ? null : Missing(before), Missing(now)) };
        void Add(string name, Func<ColumnProfile, string?> read)
        {
            if (read(fresh) is { Length: > 0 } value) figures.Add(new ReportFigure(name, old is null ? null : read(old), value));
        }

        Add("mean", p => p.Mean is { } m ? Number(m) : null);
        Add("standard deviation", p => p.Stddev is { } s ? Number(s) : null);
        Add("median", p => p.Mean is not null && p.Quantiles is { } q ? Number(q["0.5"]) : null);
        Add("least", p => p.Min is string s ? Shown(now, s) : p.Min is IConvertible n ? Number(n.ToDouble(CultureInfo.InvariantCulture)) : null);
        Add("greatest", p => p.Max is string s ? Shown(now, s) : p.Max is IConvertible n ? Number(n.ToDouble(CultureInfo.InvariantCulture)) : null);
        Add("distinct", p => Count(p.Distinct));
        return figures;
    }

    private static string Missing(ColumnState column) =>
        column.Count + column.Nulls == 0 ? "" : Share((double)column.Nulls / (column.Count + column.Nulls));

    // A time to the minute, a text as long as fits.
    private static string Shown(ColumnState column, string text) => column.Type == Datasets.ColumnType.Timestamp && text.Length >= 16
        ? text[..16].Replace('T', ' ') : text.Length <= 24 ? text : text[..23] + "…";

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(value == Math.Truncate(value) && Math.Abs(value) < 1e12 ? "N0" : "G5", CultureInfo.InvariantCulture);
}
