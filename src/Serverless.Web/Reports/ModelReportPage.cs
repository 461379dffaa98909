using System.Globalization;
using System.Text.Json;
using Serverless.Explanations;

namespace Serverless.Web.Reports;

/// <summary>A model version for three readers on one page: who it is about, who decides, who built it. One file that asks no other host for anything.</summary>
public static class ModelReportPage
{
    public static void Write(TextWriter to, ModelReport report)
    {
        var html = new Html(to);
        ReportPage.Begin(html, report.Title);
        Head(html, report);
        html.Raw("<main>\n");
        Person(html, report);
        Business(html, report);
        Scientist(html, report);
        html.Raw("</main>\n");
        ReportPage.End(html, report.GeneratedAt, JsonSerializer.Serialize(new ModelReportFigures(report.Global.Columns, report.Global.Dependence), ReportJson.Instance.ModelReportFigures));
    }

    private static void Head(Html html, ModelReport report)
    {
        html.Raw("<header>\n<div>\n<h1>").Text(report.Title).Raw("</h1>\n");
        if (report.Description is { } description) html.Raw("<p class=\"quiet\">").Text(description).Raw("</p>\n");
        html.Raw("</div>\n<button id=\"theme\" type=\"button\">Dark</button>\n<dl class=\"facts\">\n");
        foreach (var fact in report.Facts) html.Raw("<div><dt>").Text(fact.Name).Raw("</dt><dd>").Text(fact.Value).Raw("</dd></div>\n");
        html.Raw("</dl>\n<nav aria-label=\"For whom\"><a href=\"#person\">For the person concerned</a> <a href=\"#business\">For the business</a> <a href=\"#scientist\">For the data scientist</a></nav>\n</header>\n");
    }

    private static void Person(Html html, ModelReport report)
    {
        html.Raw("<section aria-labelledby=\"person\">\n<h2 id=\"person\">For the person concerned</h2>\n<p class=\"quiet\">Why the model answers as it does. It is about the model: it does not say what causes what.</p>\n<div class=\"grid\">\n");
        foreach (var c in report.Cases)
        {
            html.Raw("<article class=\"card\"><h3>").Text(c.Name).Raw("</h3>\n");
            foreach (var (language, sentence) in c.Sentences) html.Raw($"<p lang=\"{language}\">").Text(sentence).Raw("</p>\n");
            html.Raw("<table><thead><tr><th>What was known</th><th class=\"n\">Value</th></tr></thead><tbody>\n");
            foreach (var contribution in c.Explanation.Contributions)
            {
                html.Raw("<tr><td>").Text(contribution.Feature).Raw("</td><td class=\"n\">").Text(Value(contribution.Value, report.Columns.FirstOrDefault(x => x.Name == contribution.Feature)?.Unit)).Raw("</td></tr>\n");
            }

            html.Raw("</tbody></table></article>\n");
        }

        html.Raw("</div>\n</section>\n");
    }

    private static void Business(Html html, ModelReport report)
    {
        var global = report.Global;
        html.Raw("<section aria-labelledby=\"business\">\n<h2 id=\"business\">For the business</h2>\n<p class=\"quiet\">What the model goes by, and how its answer changes with it.</p>\n<div class=\"grid\">\n");
        html.Raw("<figure class=\"card\"><figcaption><h3>What matters</h3><span class=\"quiet\">share of what moves the score</span></figcaption><div class=\"chart\" data-chart=\"importance-0\"></div><table><thead><tr><th>Column</th><th class=\"n\">Share</th></tr></thead><tbody>");
        foreach (var c in global.Columns) html.Raw("<tr><td>").Text(c.Column).Raw($"</td><td class=\"n\">{Share(c.Share)}</td></tr>");
        html.Raw("</tbody></table></figure>\n");
        for (var i = 0; i < global.Dependence.Count; i++)
        {
            var d = global.Dependence[i];
            html.Raw("<figure class=\"card\"><figcaption><h3>").Text(d.Variable).Raw("</h3><span class=\"quiet\">mean ").Text(string.Join(", ", d.Outputs)).Raw(d.Unit is null ? "" : " by ").Text(d.Unit ?? "");
            html.Raw($"</span></figcaption><div class=\"chart\" data-chart=\"dependence-{i}\"></div><details><summary>As a table</summary><table><thead><tr><th>Value</th>");
            foreach (var output in d.Outputs) html.Raw("<th class=\"n\">").Text(output).Raw("</th>");
            html.Raw("</tr></thead><tbody>");
            foreach (var p in d.Points)
            {
                html.Raw("<tr><td>").Text(p.Value).Raw("</td>");
                foreach (var a in p.Answers) html.Raw($"<td class=\"n\">{ReportPage.Number(a)}</td>");
                html.Raw("</tr>");
            }

            html.Raw("</tbody></table></details></figure>\n");
        }

        html.Raw("</div>\n</section>\n");
    }

    private static void Scientist(Html html, ModelReport report)
    {
        var global = report.Global;
        html.Raw("<section aria-labelledby=\"scientist\">\n<h2 id=\"scientist\">For the data scientist</h2>\n<p class=\"quiet\">").Text(string.Create(CultureInfo.InvariantCulture,
            $"Contributions by {global.Method} on the scale {ExplanationWriter.Word(global.Scale)}; global figures on {global.Rows:N0} {global.Part} rows."));
        if (global.Metric is { } metric) html.Text($" {metric} on them: {ReportPage.Number(global.MetricValue)}; intervals are over repeated exchanges (95%).");
        html.Raw("</p>\n<div class=\"scroll\"><table class=\"framed\"><thead><tr><th>Column</th><th class=\"n\">Mean |contribution|</th><th class=\"n\">Share</th><th class=\"n\">Loss when exchanged</th><th class=\"n\">Low</th><th class=\"n\">High</th></tr></thead><tbody>\n");
        foreach (var c in global.Columns)
        {
            html.Raw("<tr><td>").Text(c.Column).Raw($"</td><td class=\"n\">{ReportPage.Number(c.MeanContribution)}</td><td class=\"n\">{Share(c.Share)}</td><td class=\"n\">{ReportPage.Number(c.Drop)}</td><td class=\"n\">{ReportPage.Number(c.Low)}</td><td class=\"n\">{ReportPage.Number(c.High)}</td></tr>\n");
        }

        html.Raw("</tbody></table></div>\n<h3 style=\"margin-top:1.2rem\">Features</h3>\n<div class=\"scroll\"><table class=\"framed\"><thead><tr><th>Feature</th><th class=\"n\">Share of the score's change</th></tr></thead><tbody>\n");
        foreach (var (name, share) in global.Features) html.Raw("<tr><td>").Text(name).Raw($"</td><td class=\"n\">{Share(share)}</td></tr>\n");
        html.Raw("</tbody></table></div>\n<h3 style=\"margin-top:1.2rem\">A small tree that imitates the model</h3>\n<p class=\"quiet\">").Text($"R2 {ReportPage.Number(global.Tree.R2)}{(global.Tree.Agreement is { } same ? $", the same prediction for {Share(same)}" : "")} of rows it was not fitted on.").Raw("</p>\n<pre class=\"card scroll\" tabindex=\"0\">");
        foreach (var line in global.Tree.Lines) html.Text(line).Raw("\n");
        html.Raw("</pre>\n");
        foreach (var c in report.Cases) Numbers(html, c);
        if (report.Metrics.Count > 0)
        {
            html.Raw("<h3 style=\"margin-top:1.2rem\">Metrics of the training's holdout</h3>\n<div class=\"scroll\"><table class=\"framed\"><tbody>\n");
            foreach (var (name, value) in report.Metrics) html.Raw("<tr><td>").Text(name).Raw($"</td><td class=\"n\">{ReportPage.Number(value)}</td></tr>\n");
            html.Raw("</tbody></table></div>\n");
        }

        html.Raw("</section>\n");
    }

    private static void Numbers(Html html, ReportCase c)
    {
        var e = c.Explanation;
        var sum = e.Baseline + e.Contributions.Sum(x => x.Amount);
        html.Raw("<h3 style=\"margin-top:1.2rem\">").Text(c.Name).Raw("</h3>\n<p class=\"quiet\">").Text(string.Create(CultureInfo.InvariantCulture,
            $"{e.Method}{(e.Exact ? ", exact" : "")}: baseline {e.Baseline:R} and contributions add up to {sum:R}; the score is {e.Score:R}, {Math.Abs(sum - e.Score):0.0e0} apart. Answer {e.Answer:R}."));
        html.Raw("</p>\n<div class=\"scroll\"><table class=\"framed\"><thead><tr><th>Column</th><th class=\"n\">Value</th><th class=\"n\">Contribution</th><th class=\"n\">Standard error</th></tr></thead><tbody>\n");
        foreach (var x in e.Contributions)
        {
            html.Raw("<tr><td>").Text(x.Feature).Raw("</td><td class=\"n\">").Text(Value(x.Value, null)).Raw($"</td><td class=\"n\">{ReportPage.Number(x.Amount)}</td><td class=\"n\">{ReportPage.Number(x.StandardError)}</td></tr>\n");
            foreach (var p in x.Parts) html.Raw("<tr><td class=\"quiet\">&nbsp;&nbsp;").Text(p.Feature).Raw("</td><td class=\"n quiet\">").Text(Value(p.Value, null)).Raw($"</td><td class=\"n quiet\">{ReportPage.Number(p.Amount)}</td><td></td></tr>\n");
        }

        html.Raw("</tbody></table></div>\n");
    }

    private static string Share(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture);

    private static string Value(object? value, string? unit) => value switch
    {
        null => "missing",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC",
        double number => ReportPage.Number(number),
        bool flag => flag ? "true" : "false",
        IFormattable other => other.ToString("N0", CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    } + (unit is null || value is null ? "" : $" {unit}");
}

/// <summary>What the page's script draws.</summary>
internal sealed record ModelReportFigures(IReadOnlyList<ColumnImportance> Importance, IReadOnlyList<Dependence> Dependence);
