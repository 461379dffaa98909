namespace Serverless.Series;

/// <summary>
/// The name of a metric: <c>size</c>, <c>mean(delay)</c>, <c>quantile(delay, 0.5)</c>, <c>correlation(delay, distance)</c>. Series, anomalies, signals, alert rules and
/// reports all use these.
/// </summary>
public static class MetricName
{
    public static string Of(string figure, params IEnumerable<string> arguments)
    {
        var list = string.Join(", ", arguments);
        return list.Length == 0 ? figure : $"{figure}({list})";
    }

    /// <summary>The figure and its arguments; null when the brackets do not close.</summary>
    /// <param name="columns">Known columns: one whose name has commas or brackets is not taken apart.</param>
    public static (string Figure, IReadOnlyList<string> Arguments)? Parse(string text, IReadOnlyCollection<string> columns)
    {
        text = text.Trim();
        var open = text.IndexOf('(');
        if (open < 0) return text.Length == 0 || text.Contains(')') ? null : (text, []);
        if (open == 0 || text[^1] != ')') return null;
        var inner = text[(open + 1)..^1].Trim();
        var figure = text[..open].Trim();
        if (inner.Length == 0) return (figure, []);
        if (columns.Contains(inner)) return (figure, [inner]);
        var last = inner.LastIndexOf(',');
        if (last > 0 && columns.Contains(inner[..last].Trim())) return (figure, [inner[..last].Trim(), inner[(last + 1)..].Trim()]);
        return (figure, [.. inner.Split(',').Select(p => p.Trim())]);
    }
}
