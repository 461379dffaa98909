using System.Globalization;
using System.Text.Json;
using Serverless.Checks;
using Serverless.Reports;

namespace Serverless.Web.Reports;

/// <summary>
/// A report as one HTML file that asks no other host for anything. Texts and tables are in the page, so that it can be read without scripts and by a screen reader;
/// charts (Apache ECharts, which has the calendar, draws SVG and describes itself) are added to them.
/// </summary>
public static class ReportPage
{
    /// <summary>So many columns get a picture; the table names all. The most drifted come first.</summary>
    public const int MostPictures = 200;

    public static void Write(TextWriter to, ReportDocument report)
    {
        var html = new Html(to);
        var shown = report with { Columns = [.. report.Columns.OrderByDescending(c => c.Drift is { Drifted: true }).ThenByDescending(Excess)] };
        Begin(html, report.Title);
        Head(html, shown);
        html.Raw("<main>\n");
        if (shown.Calendar is { Periods.Count: > 0 } calendar) Calendar(html, calendar);
        if (shown.Changes.Count > 0) Changes(html, shown.Changes);
        if (shown.Checks.Count > 0) Checks(html, shown.Checks);
        if (shown.Series.Count > 0) Series(html, shown.Series);
        if (shown.Columns.Count > 0) Columns(html, shown);
        html.Raw("</main>\n");
        var drawn = shown with { Columns = [.. shown.Columns.Take(MostPictures)] };
        End(html, report.GeneratedAt, JsonSerializer.Serialize(drawn, ReportJson.Instance.ReportDocument));
    }

    internal static void Begin(Html html, string title)
    {
        html.Raw("<!doctype html>\n<html lang=\"en\" data-theme=\"light\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n");
        html.Raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>").Text(title).Raw("</title>\n<style>").Raw(Asset("report.css")).Raw("</style>\n</head>\n<body>\n");
    }

    internal static void End(Html html, DateTimeOffset made, string figures)
    {
        html.Raw("<footer>Made ").Text(Time(made)).Raw(" UTC by serverless-ml. This page is complete in itself.</footer>\n");
        html.Raw("<script type=\"application/json\" id=\"data\">").Raw(figures).Raw("</script>\n<script>").Raw(Asset("charts.min.js")).Raw("</script>\n<script>").Raw(Asset("report.js")).Raw("</script>\n</body>\n</html>\n");
    }

    // How far over its threshold: what p-values and distances have in common.
    private static double Excess(ReportColumn c) => c.Drift switch
    {
        { PValue: { } p, Threshold: { } t } => t - p,
        { Statistic: { } s, Threshold: { } t } when t > 0 => (s / t) - 1,
        _ => double.NegativeInfinity,
    };

    private static void Head(Html html, ReportDocument report)
    {
        html.Raw("<header>\n<div>\n<h1>").Text(report.Title).Raw("</h1>\n");
        if (report.Description is { } description) html.Raw("<p class=\"quiet\">").Text(description).Raw("</p>\n");
        html.Raw($"<p class=\"verdict {Level(report.Verdict.Level)}\">").Text(report.Verdict.Text).Raw("</p>\n</div>\n<button id=\"theme\" type=\"button\">Dark</button>\n<dl class=\"facts\">\n");
        foreach (var fact in report.Facts) html.Raw("<div><dt>").Text(fact.Name).Raw("</dt><dd>").Text(fact.Value).Raw("</dd></div>\n");
        html.Raw("</dl>\n</header>\n");
    }

    private static void Calendar(Html html, ReportCalendar calendar)
    {
        html.Raw("<section aria-labelledby=\"calendar\">\n<h2 id=\"calendar\">Partitions</h2>\n<div class=\"card\">\n<ul class=\"legend\">");
        foreach (var (state, name) in new[] { ("good", "all checks passed"), ("warning", "a warning"), ("failed", "an error") }) html.Raw($"<li><i style=\"background:var(--cal-{state})\"></i>{name}</li>");
        html.Raw("<li><i style=\"border:1.5px dashed var(--bad)\"></i>missing</li></ul>\n<div class=\"scroll\"><div class=\"chart calendar\" data-chart=\"calendar-0\"></div></div>\n");
        var remarks = calendar.Periods.Where(p => p.State != ReportPeriodState.Good).ToList();
        if (remarks.Count > 0)
        {
            html.Raw($"<details><summary>{remarks.Count} with a remark</summary>\n<table><thead><tr><th>Period</th><th>State</th><th class=\"n\">Rows</th><th>Remark</th></tr></thead><tbody>\n");
            foreach (var p in remarks) html.Raw("<tr><td>").Text(p.Key).Raw($"</td><td>{p.State.ToString().ToLowerInvariant()}</td><td class=\"n\">{Count(p.Rows)}</td><td>").Text(p.Note ?? "").Raw("</td></tr>\n");
            html.Raw("</tbody></table></details>\n");
        }

        html.Raw("</div>\n</section>\n");
    }

    private static void Changes(Html html, IReadOnlyList<string> changes)
    {
        html.Raw("<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">What seems to have changed at the source</h2>\n<ul class=\"changes card\">\n");
        foreach (var change in changes) html.Raw("<li>").Text(change).Raw("</li>\n");
        html.Raw("</ul>\n</section>\n");
    }

    private static void Checks(Html html, IReadOnlyList<CheckResult> checks)
    {
        html.Raw("<section aria-labelledby=\"checks\">\n<h2 id=\"checks\">Checks</h2>\n<div class=\"scroll\"><table class=\"framed\"><thead><tr><th>Check</th><th>Column</th><th class=\"n\">Value</th><th>Expected</th><th>Severity</th><th>Outcome</th></tr></thead><tbody>\n");
        foreach (var c in checks.OrderBy(c => c.Outcome is Outcome.Failed or Outcome.Errored ? 0 : 1).ThenByDescending(c => c.Severity))
        {
            html.Raw("<tr><td>").Text(c.Check).Raw("</td><td>").Text(c.Column ?? "").Raw("</td><td class=\"n\">").Text(Number(c.Value)).Raw("</td><td>").Text(c.Expectation);
            if (c.Message is { } message) html.Raw("<br><span class=\"quiet\">").Text(message).Raw("</span>");
            html.Raw($"</td><td>{c.Severity.ToString().ToLowerInvariant()}</td><td>").Tag(Level(c), Words(c.Outcome)).Raw("</td></tr>\n");
        }

        html.Raw("</tbody></table></div>\n</section>\n");
    }

    private static void Series(Html html, IReadOnlyList<ReportSeries> series)
    {
        html.Raw("<section aria-labelledby=\"series\">\n<h2 id=\"series\">Over time</h2>\n<ul class=\"legend\"><li><i style=\"background:var(--current)\"></i>value</li><li><i style=\"border-top:2px dashed var(--reference);height:0\"></i>bound</li><li><i style=\"background:var(--bad);transform:rotate(45deg) scale(.8)\"></i>out of bounds</li></ul>\n<div class=\"grid\">\n");
        for (var i = 0; i < series.Count; i++)
        {
            var s = series[i];
            html.Raw("<figure class=\"card\"><figcaption><h3>").Text(s.Name).Raw("</h3>");
            var bad = s.Points.Count(p => p.Anomalous);
            if (bad > 0) html.Tag("bad", $"{bad} out of bounds");
            html.Raw("</figcaption>");
            if (s.Bounds is { } bounds) html.Raw("<p class=\"quiet\">").Text(bounds).Raw("</p>");
            html.Raw($"<div class=\"chart\" data-chart=\"series-{i}\"></div>");
            if (bad > 0)
            {
                html.Raw("<details><summary>The points out of bounds</summary><table><thead><tr><th>Period</th><th class=\"n\">Value</th><th class=\"n\">At least</th><th class=\"n\">At most</th></tr></thead><tbody>");
                foreach (var p in s.Points.Where(p => p.Anomalous)) html.Raw("<tr><td>").Text(p.Key).Raw($"</td><td class=\"n\">{Number(p.Value)}</td><td class=\"n\">{Number(p.Lower)}</td><td class=\"n\">{Number(p.Upper)}</td></tr>");
                html.Raw("</tbody></table></details>");
            }

            html.Raw("</figure>\n");
        }

        html.Raw("</div>\n</section>\n");
    }

    private static void Columns(Html html, ReportDocument report)
    {
        var compared = report.Columns.Any(c => c.Drift is not null);
        html.Raw("<section aria-labelledby=\"columns\">\n<h2 id=\"columns\">Columns</h2>\n");
        if (report.Comparison is { } comparison) html.Raw("<p class=\"quiet\">").Text(comparison).Raw("</p>\n");
        if (compared)
        {
            html.Raw("<div class=\"scroll\"><table class=\"framed\"><thead><tr><th>Column</th><th>Type</th><th>Method</th><th class=\"n\">Statistic</th><th class=\"n\">p</th><th class=\"n\">Threshold</th><th>Drift</th></tr></thead><tbody>\n");
            foreach (var c in report.Columns)
            {
                html.Raw("<tr><td>").Text(c.Name).Raw("</td><td>").Text(c.Type).Raw("</td><td>").Text(c.Drift?.Method ?? "").Raw($"</td><td class=\"n\">{Number(c.Drift?.Statistic)}</td><td class=\"n\">{Number(c.Drift?.PValue)}</td><td class=\"n\">{Number(c.Drift?.Threshold)}</td><td>");
                if (c.Drift is { } drift) html.Tag(drift.Drifted ? "bad" : "good", drift.Drifted ? "drifted" : drift.Statistic is null ? "not compared" : "none");
                if (c.Drift?.Note is { } note) html.Raw(" <span class=\"quiet\">").Text(note).Raw("</span>");
                html.Raw("</td></tr>\n");
            }

            html.Raw("</tbody></table></div>\n");
        }

        if (report.Columns.Any(c => c.Distribution?.Reference is not null)) html.Raw("<ul class=\"legend\" style=\"margin-top:1rem\"><li><i style=\"background:var(--reference)\"></i>reference</li><li><i style=\"background:var(--current)\"></i>current</li></ul>\n");
        html.Raw("<div class=\"grid\">\n");
        for (var i = 0; i < Math.Min(report.Columns.Count, MostPictures); i++) Column(html, report.Columns[i], i);
        html.Raw("</div>\n");
        if (report.Columns.Count > MostPictures) html.Raw($"<p class=\"quiet\">Pictures of the first {MostPictures} of {report.Columns.Count} columns; the table above names all.</p>\n");
        html.Raw("</section>\n");
    }

    private static void Column(Html html, ReportColumn column, int index)
    {
        html.Raw("<figure class=\"card\"><figcaption><h3>").Text(column.Name).Raw("</h3>");
        if (column.Drift is { Drifted: true }) html.Tag("bad", "drifted");
        else html.Raw("<span class=\"quiet\">").Text(column.Type).Raw("</span>");
        html.Raw("</figcaption>");
        if (column.Distribution is { Current.Count: > 0 }) html.Raw($"<div class=\"chart\" data-chart=\"column-{index}\"></div>");
        if (column.Figures.Count > 0)
        {
            var both = column.Figures.Any(f => f.Reference is not null);
            html.Raw($"<table><thead><tr><th></th>{(both ? "<th class=\"n\">Reference</th><th class=\"n\">Current</th>" : "<th class=\"n\">Value</th>")}</tr></thead><tbody>");
            foreach (var f in column.Figures)
            {
                html.Raw("<tr><td>").Text(f.Name).Raw("</td>");
                if (both) html.Raw("<td class=\"n\">").Text(f.Reference ?? "").Raw("</td>");
                html.Raw("<td class=\"n\">").Text(f.Current).Raw("</td></tr>");
            }

            html.Raw("</tbody></table>");
        }

        html.Raw("</figure>\n");
    }

    private static string Level(ReportLevel level) => level.ToString().ToLowerInvariant();

    private static string Level(CheckResult c) => c.Outcome switch
    {
        Outcome.Passed => "good",
        Outcome.NotApplicable => "quiet",
        _ => c.Severity >= Datasets.Severity.Error ? "bad" : "warning",
    };

    private static string Words(Outcome outcome) => outcome switch
    {
        Outcome.NotApplicable => "not applicable",
        _ => outcome.ToString().ToLowerInvariant(),
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Number(double? value) => value switch
    {
        null => "",
        { } v when v == Math.Truncate(v) && Math.Abs(v) < 1e12 => v.ToString("N0", CultureInfo.InvariantCulture),
        { } v when Math.Abs(v) < 1e-3 => v.ToString("0.0e0", CultureInfo.InvariantCulture),
        { } v => v.ToString("G5", CultureInfo.InvariantCulture),
    };

    private static string Asset(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream($"reports/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
