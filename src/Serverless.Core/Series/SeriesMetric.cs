namespace Serverless.Series;

/// <summary>Where the figures of a metric lie.</summary>
internal enum MetricSource
{
    /// <summary>The history itself: number of rows.</summary>
    Rows,

    /// <summary><c>&lt;id&gt;.json</c>: rows that went to quarantine.</summary>
    Manifest,

    /// <summary><c>&lt;id&gt;.profile.json</c>.</summary>
    Profile,

    /// <summary><c>&lt;id&gt;.checks.json</c>.</summary>
    Checks,
}

/// <summary>A metric that was found: its canonical name and where its figures lie.</summary>
/// <param name="Columns">The columns that it is about; empty for all rows.</param>
/// <param name="Probability">Of a quantile.</param>
internal sealed record SeriesMetric(string Name, MetricSource Source, string Figure, IReadOnlyList<string> Columns, double? Probability = null);
