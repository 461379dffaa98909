using Serverless.Datasets;

namespace Serverless.Series.Anomalies;

/// <summary>
/// The value is too far from what level, trend and season let expect: additive triple exponential smoothing, its three weights fitted to the values before the judged
/// interval by least squares, bounds <c>factor</c> standard deviations of the one-step residuals around the forecast.
/// Source: Deequ, HoltWinters; Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 8.3.
/// </summary>
/// <remarks>
/// Deequ takes the standard deviation of the absolute residuals, first cycle included. Of normal residuals that is about 0.6 of their own, so one good value in four
/// is called anomalous. Here the residuals are taken with their sign, after the first cycle (which starts the season and fits by construction); <c>residuals: absolute</c>
/// gives Deequ's bounds.
/// </remarks>
internal sealed class HoltWinters : IAnomalyStrategy
{
    /// <summary>Cycles that are looked back on: more would cost time and weigh next to nothing.</summary>
    internal const int MostCycles = 60;

    private const double Rounding = 1e-9;

    private static readonly StrategyParameter Season = new("season", StrategyParameterKind.Word, Words: ["daily", "weekly", "monthly", "yearly"]);
    private static readonly StrategyParameter Period = new("period", StrategyParameterKind.Whole, null, 2, 1000);
    private static readonly StrategyParameter Factor = new("factor", StrategyParameterKind.Number, "1.96", 0);
    private static readonly StrategyParameter Residuals = new("residuals", StrategyParameterKind.Word, "signed", Words: ["signed", "absolute"]);

    public string Name => "holt-winters";

    public IReadOnlyList<StrategyParameter> Parameters => [Season, Period, Factor, Residuals];

    public bool NeedsEveryPeriod => true;

    public IEnumerable<string> Problems(StrategySettings settings)
    {
        if (settings.Word(Season.Name) is not { } season) yield break;
        if (settings.Number(Period.Name) is not null) yield return "has both 'season' and 'period'; keep one.";
        else if (Length(season, settings.Grain) is null) yield return $"season '{season}' is not longer than the dataset's partitions (grain {Periods.Word(settings.Grain)}).";
    }

    public IReadOnlyList<Judgement> Detect(ReadOnlySpan<double> series, int start, int end, StrategySettings settings)
    {
        var period = PeriodOf(settings);
        var first = Math.Max(0, start - (MostCycles * period));
        var training = series[first..start];
        var judgements = new List<Judgement>(end - start);
        var there = 0;
        foreach (var value in training) there += double.IsNaN(value) ? 0 : 1;
        if (there < 2 * period)
        {
            for (var i = start; i < end; i++) judgements.Add(Judgement.Not(i, series[i], $"too little history: two full cycles ({2 * period} values) are needed, there are {there}"));
            return judgements;
        }

        var absolute = settings.Word(Residuals.Name) == "absolute";
        var smoothing = HoltWintersModel.Fit(training, period);
        var residuals = new double[training.Length];
        var forecasts = new double[end - start];
        HoltWintersModel.Smooth(training, period, smoothing, residuals, forecasts);
        var spread = settings.Number(Factor.Name)!.Value * (absolute ? HoltWintersModel.AbsoluteDeviation(residuals) : HoltWintersModel.Deviation(residuals.AsSpan(period)));
        for (var i = start; i < end; i++)
        {
            // What smoothing leaves of a constant or of an exact trend is rounding, not an anomaly.
            var forecast = forecasts[i - start];
            var band = Math.Max(spread, Rounding * Math.Max(Math.Abs(forecast), Math.Abs(series[i])));
            judgements.Add(double.IsNaN(series[i]) ? Judgement.Not(i, series[i], "no value") : Judgement.Within(i, series[i], forecast - band, forecast + band));
        }

        return judgements;
    }

    internal static int PeriodOf(StrategySettings settings) => settings.Number(Period.Name) is { } given ? (int)given
        : Length(settings.Word(Season.Name) ?? settings.Grain switch { PartitionGrain.Hour => "daily", PartitionGrain.Day => "weekly", _ => "yearly" }, settings.Grain) ?? 12;

    /// <summary>Periods in a season; null when there is none. Months of days have 30 (the calendar's lengths differ), years of days 365.</summary>
    private static int? Length(string season, PartitionGrain grain) => (season, grain) switch
    {
        ("daily", PartitionGrain.Hour) => 24,
        ("weekly", PartitionGrain.Hour) => 168,
        ("monthly", PartitionGrain.Hour) => 720,
        ("weekly", PartitionGrain.Day) => 7,
        ("monthly", PartitionGrain.Day) => 30,
        ("yearly", PartitionGrain.Day) => 365,
        ("monthly" or "yearly", PartitionGrain.Month) => 12,
        _ => null,
    };
}
