using System.Globalization;

namespace Serverless.Checks;

/// <summary>What a metric is compared with. Constraints are data, so that a report can state the thresholds used.</summary>
public sealed record Constraint(double? Min = null, double? Max = null, double? EqualTo = null)
{
    /// <summary>Names of the parameters that make a constraint.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["min", "max", "equals"];

    // Shares such as 0.95 come out of divisions: a difference in the last digits is not a failure.
    private const double Slack = 1e-12;

    public bool Holds(double value) =>
        (Min is not { } min || value >= min - (Slack * Math.Abs(min)))
        && (Max is not { } max || value <= max + (Slack * Math.Abs(max)))
        && (EqualTo is not { } equal || Math.Abs(value - equal) <= Slack * Math.Max(1, Math.Abs(equal)));

    /// <summary><c>completeness >= 0.95</c>, <c>mean >= 1 and &lt;= 5</c>, <c>size = 100</c>.</summary>
    public string Describe(string metric)
    {
        var parts = new List<string>(3);
        if (EqualTo is { } equal) parts.Add("= " + Text(equal));
        if (Min is { } min) parts.Add(">= " + Text(min));
        if (Max is { } max) parts.Add("<= " + Text(max));
        return metric + " " + string.Join(" and ", parts);
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
