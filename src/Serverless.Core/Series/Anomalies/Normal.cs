namespace Serverless.Series.Anomalies;

/// <summary>What the two strategies have in common that expect a normal distribution: bounds are so many standard deviations around the mean.</summary>
internal static class Normal
{
    public static StrategyParameter LowerFactor { get; } = new("lowerDeviationFactor", StrategyParameterKind.Number, "3", 0, CanBeOff: true);

    public static StrategyParameter UpperFactor { get; } = new("upperDeviationFactor", StrategyParameterKind.Number, "3", 0, CanBeOff: true);

    public static IEnumerable<string> Problems(StrategySettings settings)
    {
        if (settings.Number(LowerFactor.Name) is null && settings.Number(UpperFactor.Name) is null)
        {
            yield return $"{LowerFactor.Name} and {UpperFactor.Name} are both 'none': at least one has to be a number.";
        }
    }

    /// <summary>A bound that is off is infinitely far, also where there is no deviation.</summary>
    public static (double Lower, double Upper) Bounds(double mean, double deviation, StrategySettings settings) => (
        settings.Number(LowerFactor.Name) is { } lower ? mean - (lower * deviation) : double.NegativeInfinity,
        settings.Number(UpperFactor.Name) is { } upper ? mean + (upper * deviation) : double.PositiveInfinity);
}
