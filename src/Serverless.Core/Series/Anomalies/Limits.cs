namespace Serverless.Series.Anomalies;

/// <summary><c>min</c> and <c>max</c> of a value, a change or a rate.</summary>
internal static class Limits
{
    public static StrategyParameter Min { get; } = new("min", StrategyParameterKind.Number);

    public static StrategyParameter Max { get; } = new("max", StrategyParameterKind.Number);

    public static StrategyParameter Order(int least) => new("order", StrategyParameterKind.Whole, "1", least, 10);

    /// <summary>How many earlier values there must be before any is judged.</summary>
    public static StrategyParameter MinHistory { get; } = new("minHistory", StrategyParameterKind.Whole, "7", 2, 100_000);

    public static IEnumerable<string> Problems(StrategySettings settings)
    {
        if (settings.Number("min") is null && settings.Number("max") is null) yield return "needs a limit: min, max or both.";
        if (settings.Number("min") > settings.Number("max")) yield return $"min {settings.Values["min"]} is greater than max {settings.Values["max"]}.";
    }

    public static double Lower(StrategySettings settings) => settings.Number("min") ?? double.NegativeInfinity;

    public static double Upper(StrategySettings settings) => settings.Number("max") ?? double.PositiveInfinity;

    public static string TooFew(int needed, int there) => $"too little history: {needed} earlier {(needed == 1 ? "value is" : "values are")} needed, there {(there == 1 ? "is" : "are")} {there}";
}
