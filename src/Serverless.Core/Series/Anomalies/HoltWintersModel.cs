namespace Serverless.Series.Anomalies;

/// <summary>Weights of level, trend and season, each in [0, 1].</summary>
internal readonly record struct Smoothing(double Level, double Trend, double Season);

/// <summary>
/// Additive triple exponential smoothing, ETS(A, A, A), started as Deequ does: level = mean of the first cycle, trend = difference of the means of the first two cycles
/// a step, season = first cycle less its mean. A missing value (NaN) is taken as forecast: it moves nothing and has no residual.
/// </summary>
internal static class HoltWintersModel
{
    private const int Refinements = 120;
    private static readonly double[] Coarse = [0.02, 0.1, 0.3, 0.6, 0.9];

    /// <summary>The weights with the least sum of squared one-step residuals: a coarse grid, then Nelder-Mead from its best point, kept within the cube.</summary>
    public static Smoothing Fit(ReadOnlySpan<double> series, int period)
    {
        Span<double> season = period <= 1024 ? stackalloc double[period] : new double[period];
        var best = (Value: double.PositiveInfinity, At: new Smoothing(0.3, 0.1, 0.1));
        foreach (var level in Coarse)
        {
            foreach (var trend in Coarse)
            {
                foreach (var seasonal in Coarse)
                {
                    var at = new Smoothing(level, trend, seasonal);
                    var value = Run(series, period, at, season, [], []);
                    if (value < best.Value) best = (value, at);
                }
            }
        }

        return Refine(series, period, best.At, best.Value, season);
    }

    /// <param name="residuals">As long as the series, or empty: value less forecast, NaN where there is no value.</param>
    /// <param name="forecasts">As many steps ahead as it is long.</param>
    public static void Smooth(ReadOnlySpan<double> series, int period, Smoothing weights, Span<double> residuals, Span<double> forecasts)
    {
        Span<double> season = period <= 1024 ? stackalloc double[period] : new double[period];
        Run(series, period, weights, season, residuals, forecasts);
    }

    /// <summary>Root of the mean square of the residuals that are there.</summary>
    public static double Deviation(ReadOnlySpan<double> residuals)
    {
        double squares = 0;
        var count = 0;
        foreach (var r in residuals)
        {
            if (double.IsNaN(r)) continue;
            squares += r * r;
            count++;
        }

        return count == 0 ? 0 : Math.Sqrt(squares / count);
    }

    /// <summary>Deequ's: sample standard deviation of the absolute residuals.</summary>
    public static double AbsoluteDeviation(ReadOnlySpan<double> residuals)
    {
        var moments = new Checks.MomentsState(0, 0, 0);
        foreach (var r in residuals)
        {
            if (!double.IsNaN(r)) moments = (Checks.MomentsState)moments.Merge(new Checks.MomentsState(1, Math.Abs(r), 0));
        }

        return moments.Count < 2 ? 0 : Math.Sqrt(moments.SquaredDeviations / (moments.Count - 1));
    }

    private static double Run(ReadOnlySpan<double> series, int period, Smoothing weights, Span<double> season, Span<double> residuals, Span<double> forecasts)
    {
        var (level, trend) = Start(series, period, season);
        double squares = 0;
        for (int t = 0, phase = 0; t < series.Length + forecasts.Length; t++)
        {
            var forecast = level + trend + season[phase];
            var value = forecast;
            if (t >= series.Length) forecasts[t - series.Length] = forecast;
            else if (!double.IsNaN(series[t])) value = series[t];
            if (t < series.Length)
            {
                var residual = value - forecast;
                squares += residual * residual;
                if (residuals.Length > 0) residuals[t] = double.IsNaN(series[t]) ? double.NaN : residual;
            }

            var expected = level + trend;
            var next = (weights.Level * (value - season[phase])) + ((1 - weights.Level) * expected);
            season[phase] = (weights.Season * (value - expected)) + ((1 - weights.Season) * season[phase]);
            trend = (weights.Trend * (next - level)) + ((1 - weights.Trend) * trend);
            level = next;
            if (++phase == period) phase = 0;
        }

        return squares;
    }

    private static (double Level, double Trend) Start(ReadOnlySpan<double> series, int period, Span<double> season)
    {
        double first = Mean(series[..period]), second = Mean(series.Slice(period, period));
        if (double.IsNaN(first)) first = double.IsNaN(second) ? 0 : second;
        if (double.IsNaN(second)) second = first;
        var trend = (second - first) / period;
        for (var i = 0; i < period; i++)
        {
            // The same phase of the second cycle stands in for a value that the first one lacks.
            var inFirst = series[i] - first;
            var inSecond = series[period + i] - second;
            season[i] = !double.IsNaN(inFirst) ? inFirst : !double.IsNaN(inSecond) ? inSecond : 0;
        }

        return (first, trend);
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        var count = 0;
        foreach (var v in values)
        {
            if (double.IsNaN(v)) continue;
            sum += v;
            count++;
        }

        return count == 0 ? double.NaN : sum / count;
    }

    private static Smoothing Refine(ReadOnlySpan<double> series, int period, Smoothing start, double value, Span<double> season)
    {
        const double Side = 0.1;
        var points = new (Smoothing At, double Value)[4];
        points[0] = (start, value);
        for (var i = 1; i < 4; i++)
        {
            var at = new Smoothing(Side1(start.Level, i == 1), Side1(start.Trend, i == 2), Side1(start.Season, i == 3));
            points[i] = (at, Run(series, period, at, season, [], []));
        }

        static double Side1(double x, bool moved) => !moved ? x : x + Side <= 1 ? x + Side : x - Side;

        for (var step = 0; step < Refinements; step++)
        {
            Array.Sort(points, (a, b) => a.Value.CompareTo(b.Value));
            if (points[3].Value - points[0].Value <= 1e-12 * Math.Abs(points[0].Value)) break;
            var centre = Scale(Add(Add(points[0].At, points[1].At), points[2].At), 1.0 / 3);
            var reflected = Try(series, period, centre, points[3].At, -1, season);
            if (reflected.Value < points[0].Value)
            {
                var expanded = Try(series, period, centre, points[3].At, -2, season);
                points[3] = expanded.Value < reflected.Value ? expanded : reflected;
            }
            else if (reflected.Value < points[2].Value) points[3] = reflected;
            else
            {
                var contracted = Try(series, period, centre, points[3].At, reflected.Value < points[3].Value ? -0.5 : 0.5, season);
                if (contracted.Value < Math.Min(points[3].Value, reflected.Value)) points[3] = contracted;
                else
                {
                    for (var i = 1; i < 4; i++) points[i] = Try(series, period, points[0].At, points[i].At, 0.5, season);
                }
            }
        }

        return points.MinBy(p => p.Value).At;
    }

    /// <summary>The point on the line from <paramref name="centre"/> to <paramref name="other"/>, clamped to the cube.</summary>
    private static (Smoothing At, double Value) Try(ReadOnlySpan<double> series, int period, Smoothing centre, Smoothing other, double factor, Span<double> season)
    {
        var at = Add(centre, Scale(Add(other, Scale(centre, -1)), factor));
        at = new Smoothing(Math.Clamp(at.Level, 0, 1), Math.Clamp(at.Trend, 0, 1), Math.Clamp(at.Season, 0, 1));
        return (at, Run(series, period, at, season, [], []));
    }

    private static Smoothing Add(Smoothing a, Smoothing b) => new(a.Level + b.Level, a.Trend + b.Trend, a.Season + b.Season);

    private static Smoothing Scale(Smoothing a, double by) => new(a.Level * by, a.Trend * by, a.Season * by);
}
