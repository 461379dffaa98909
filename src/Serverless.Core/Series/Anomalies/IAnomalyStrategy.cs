namespace Serverless.Series.Anomalies;

/// <summary>
/// Says which values of a series do not fit the others. A new strategy is one file and one line in <see cref="SeriesServices"/>. Stateless: everything follows from
/// the series and the settings.
/// </summary>
public interface IAnomalyStrategy
{
    /// <summary>As the dataset file writes it.</summary>
    string Name { get; }

    IReadOnlyList<StrategyParameter> Parameters { get; }

    /// <summary>False: values that are not there are left out before. True: the series has one slot for each period, NaN where there is no value.</summary>
    bool NeedsEveryPeriod => false;

    /// <summary>What is wrong with the parameters taken together; each alone is in its range.</summary>
    IEnumerable<string> Problems(StrategySettings settings) => [];

    /// <summary>Judges the values with index from <paramref name="start"/> up to, not including, <paramref name="end"/>; the others are what they are compared with.</summary>
    /// <returns>One for each index of the interval, in order.</returns>
    IReadOnlyList<Judgement> Detect(ReadOnlySpan<double> series, int start, int end, StrategySettings settings);
}

/// <summary>What a strategy says of one value.</summary>
/// <param name="Lower">The least that would have passed; null = no bound on this side.</param>
/// <param name="Upper">The most that would have passed; null = no bound on this side.</param>
/// <param name="NotApplicable">Why the value could not be judged (too little history); then it is not anomalous and has no bounds.</param>
public readonly record struct Judgement(int Index, double Value, double? Lower, double? Upper, bool Anomalous, string? NotApplicable = null)
{
    /// <summary>Judged by its bounds alone.</summary>
    public static Judgement Within(int index, double value, double lower, double upper) =>
        new(index, value, double.IsFinite(lower) ? lower : null, double.IsFinite(upper) ? upper : null, value < lower || value > upper);

    public static Judgement Not(int index, double value, string why) => new(index, value, null, null, false, why);
}
