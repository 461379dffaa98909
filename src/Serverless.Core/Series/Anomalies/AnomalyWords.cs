using System.Globalization;

namespace Serverless.Series.Anomalies;

/// <summary>Results in words.</summary>
public static class AnomalyWords
{
    /// <summary><c>size of 2001-01-05 is 812, expected 2100 to 9400 (relative-rate: max 2, min 0.5, order 1)</c>.</summary>
    public static string Sentence(AnomalyResult result) => result.NotApplicable is { } why
        ? $"{result.Metric} of {result.Period}: {why} ({result.Strategy})"
        : $"{result.Metric} of {result.Period} is {Text(result.Value)}, {(result.Anomalous ? "expected" : "as expected:")} {Expectation(result)} ({How(result)})";

    /// <summary><c>2100 to 9400</c>, <c>at most 9400</c>.</summary>
    public static string Expectation(AnomalyResult result) => (result.Lower, result.Upper) switch
    {
        ({ } lower, { } upper) => $"{Text(lower)} to {Text(upper)}",
        ({ } lower, null) => $"at least {Text(lower)}",
        (null, { } upper) => $"at most {Text(upper)}",
        _ => "anything",
    };

    /// <summary>The strategy with its parameters.</summary>
    public static string How(AnomalyResult result) =>
        result.Parameters.Count == 0 ? result.Strategy : $"{result.Strategy}: {string.Join(", ", result.Parameters.Select(p => $"{p.Key} {p.Value}"))}";

    // Five significant digits are enough to see it; the report has all.
    private static string Text(double? value) => value is not { } v ? "" : v == Math.Truncate(v) && Math.Abs(v) < 1e15
        ? v.ToString("0", CultureInfo.InvariantCulture) : v.ToString("G5", CultureInfo.InvariantCulture);
}
