using System.Globalization;
using System.Text;
using Serverless.Alerts;

namespace Serverless.Incidents;

/// <summary>A post-mortem in Markdown: docs/post-mortem-template.md with what the incident knows filled in. What only people know stays to be written.</summary>
public static class PostMortem
{
    private const string Resource = "post-mortem-template.md";

    /// <summary>The template as it stands in docs/.</summary>
    public static string Template { get; } = ReadTemplate();

    public static string Write(Incident incident, IReadOnlyList<TimelineEntry> timeline, DateTimeOffset now)
    {
        var text = new StringBuilder();
        var section = "";
        foreach (var line in Template.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) section = line[3..];
            text.Append(Fill(line, section, incident, timeline, now)).Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string Fill(string line, string section, Incident incident, IReadOnlyList<TimelineEntry> timeline, DateTimeOffset now)
    {
        if (line.StartsWith("# Post-mortem:", StringComparison.Ordinal)) return $"# Post-mortem: {Inline(incident.Title)}";
        if (line.StartsWith("| ", StringComparison.Ordinal) && section.Length == 0)
        {
            var label = line.Split('|')[1].Trim();
            return Fact(label, incident, now) is { } fact ? $"| {label} | {fact} |" : line;
        }

        return section switch
        {
            "Impact" when line.StartsWith("Who was affected", StringComparison.Ordinal) => incident.Impact is { } impact ? Block(impact) : $"_{line}_",
            "Cause" when line.StartsWith("What started it", StringComparison.Ordinal) => incident.Cause is { } cause ? Block(cause) : $"_{line}_",
            "What went well" when line.StartsWith("What was noticed", StringComparison.Ordinal) => $"_{line}_",
            "Timeline" when Empty(line) => Rows(timeline.Select(e => new[] { Time(e.At), $"{Cell(e.Text)} ({Cell(e.By)})" }), line),
            "Actions" when Empty(line) => Rows(incident.Actions.Select(a => new[]
            {
                Cell(a.Text), a.Kind?.ToString().ToLowerInvariant() ?? "", Cell(a.Owner ?? ""), a.Due?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "", a.DoneAt is { } d ? Time(d) : "",
            }), line),
            _ => line,
        };
    }

    private static string? Fact(string label, Incident i, DateTimeOffset now) => label switch
    {
        "Began / noticed / over (UTC)" => $"{Time(i.BeganAt)} / {Time(i.DetectedAt)} (after {AlertText.Span(i.DetectedAt - i.BeganAt)}) / {(i.OverAt is { } over ? $"{Time(over)} (after {AlertText.Span(over - i.BeganAt)})" : "not over")}",
        "Severity" => i.Severity.ToString().ToLowerInvariant(),
        "Category" => i.Category?.ToString().ToLowerInvariant(),
        "Models and datasets" => Cell(string.Join(", ", i.Subjects)),
        "Versions and runs" => Cell(string.Join("; ", new[]
        {
            i.Runs.Count > 0 ? $"runs {string.Join(", ", i.Runs)}" : "", i.Periods.Count > 0 ? $"periods {string.Join(", ", i.Periods)}" : "", $"incident {i.Id}",
            i.Alerts.Count > 0 ? $"alerts {string.Join(", ", i.Alerts)}" : "",
        }.Where(p => p.Length > 0))),
        "Written by, on" => $"from the records of serverless-ml, {now.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}; completed by ",
        _ => null,
    };

    private static bool Empty(string line) => line.StartsWith('|') && line.All(c => c is '|' or ' ');

    private static string Rows(IEnumerable<string[]> rows, string empty) => string.Join('\n', rows.Select(r => $"| {string.Join(" | ", r)} |")) is { Length: > 0 } text ? text : empty;

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    // What came from elsewhere stays text: no HTML, no row or heading of its own.
    private static string Cell(string text) => Inline(text.ReplaceLineEndings("\n")).Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", "<br>", StringComparison.Ordinal);

    private static string Inline(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Block(string text) => string.Join('\n', Inline(text.ReplaceLineEndings("\n")).Split('\n').Select(l => l.StartsWith('#') || l.StartsWith('|') ? "\\" + l : l));

    private static string ReadTemplate()
    {
        using var stream = typeof(PostMortem).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
