using System.Globalization;

namespace Serverless.Drift.Shape;

/// <summary>
/// Names the shape of a series. Isolated values are set aside first (Hampel's rule on neighbours). Then a constant, a step, a ramp, an excursion and a periodic function are
/// fitted, and the one of the least Schwarz criterion is taken if a test of its own agrees. Residuals of partitions are dependent (weather, weekends), so the criterion counts
/// n (1 - r) / (1 + r) values where r is their autocorrelation at lag 1 (Bartlett 1946).
/// </summary>
public static class ShapeFinder
{
    /// <summary>Fewer values have no shape.</summary>
    public const int LeastPoints = 8;

    /// <summary>Shorter transitions are sudden.</summary>
    public const int LeastRamp = 4;

    /// <summary>Longer series are looked at by their last so many values.</summary>
    public const int MostPoints = 2000;

    /// <summary>An excursion of so many partitions or fewer is a blip.</summary>
    public const int LongestBlip = 2;

    private const double LeastEvidence = 10;
    private const double Level = 0.01;

    /// <param name="keys">Names of the partitions, in the order of time.</param>
    /// <param name="values">As many; null or not finite = no value, which is left out.</param>
    public static DriftShape Find(IReadOnlyList<string> keys, IReadOnlyList<double?> values, int seed = 42)
    {
        var present = Enumerable.Range(0, values.Count).Where(i => values[i] is { } v && double.IsFinite(v)).TakeLast(MostPoints).ToArray();
        string[] names = [.. present.Select(i => keys[i])];
        double[] all = [.. present.Select(i => values[i]!.Value)];
        if (all.Length < LeastPoints) return Nothing(all.Length, $"{all.Length} values are too few to have a shape; {LeastPoints} are needed");
        if (all.Max() - all.Min() <= 1e-12 * Math.Max(1e-300, all.Max(Math.Abs))) return Nothing(all.Length, "the same value throughout");

        var (series, isolated, newest) = IsolatedValues.SetAside(all);
        string[] alone = [.. isolated.Select(i => names[i])];
        var fit = Best(series);
        var found = fit is null ? null : Confirmed(series, fit, names, seed);
        if (found is not null) return found with { Isolated = alone };
        if (isolated.Count == 0 && newest is { } last)
        {
            var usual = Series.Median(all[..last]);
            return Nothing(all.Length, $"{names[last]} is unlike those before it ({Text(all[last])} where {Text(usual)} was usual); the next ones tell whether it stands alone or is a jump") with
            {
                At = names[last], Before = usual, After = all[last],
            };
        }

        if (isolated.Count == 0) return Nothing(all.Length, "no change beyond the usual ups and downs");
        var first = isolated[0];
        return new DriftShape
        {
            Kind = ShapeKind.Blip, Points = all.Length, At = names[first], Before = series[first], After = all[first], Isolated = alone,
            Message = $"{string.Join(", ", alone.Take(5))}{(alone.Length > 5 ? $" and {alone.Length - 5} more" : "")} {(alone.Length == 1 ? "stands" : "stand")} alone ({Text(all[first])} where {Text(series[first])} was usual)",
        };
    }

    private static DriftShape Nothing(int points, string message) => new() { Kind = ShapeKind.None, Points = points, Message = message };

    private static ShapeFit? Best(double[] y)
    {
        ShapeFit constant = ShapeFits.Constant(y);
        ShapeFit[] fits = [ShapeFits.Step(y), ShapeFits.Ramp(y), ShapeFits.Excursion(y), .. ShapeFits.Periods(y)];
        var closest = fits.MinBy(f => f.Squares)!;
        var independent = y.Length * Dependence(closest.Residuals(y));
        double Criterion(ShapeFit fit) => (independent * Math.Log(Math.Max(fit.Squares, 1e-20 * constant.Squares) / y.Length)) + (fit.Parameters * Math.Log(independent));
        var best = fits.MinBy(Criterion)!;
        best.Evidence = Criterion(constant) - Criterion(best);
        return best.Evidence >= LeastEvidence ? best : null;
    }

    // The share of independent values: 1 for white noise.
    private static double Dependence(double[] residuals)
    {
        var r = Math.Clamp(Series.Autocorrelation(residuals, 1), 0, 0.9);
        return (1 - r) / (1 + r);
    }

    private static DriftShape? Confirmed(double[] y, ShapeFit fit, string[] names, int seed)
    {
        var shape = new DriftShape { Kind = ShapeKind.None, Points = y.Length, Message = "", Evidence = fit.Evidence };
        switch (fit)
        {
            case { Kind: FitKind.Period }:
                var g = Series.PeriodPValue(y, fit.From);
                return g >= Level ? null : shape with
                {
                    Kind = ShapeKind.Recurrent, Period = fit.From, Autocorrelation = Series.Autocorrelation(y, fit.From), PValue = g,
                    Message = $"repeats every {fit.From} partitions (autocorrelation {Text(Series.Autocorrelation(y, fit.From))})",
                };
            case { Kind: FitKind.Excursion }:
                var twice = Series.CusumPValue(y, seed);
                return twice >= Level ? null : shape with
                {
                    Kind = ShapeKind.Recurrent, At = names[fit.From], Until = names[fit.To], Before = fit.Before, After = fit.After, PValue = twice,
                    Message = $"went from {Text(fit.Before)} to {Text(fit.After)} at {names[fit.From]} and came back at {names[fit.To]}",
                };
            case { Kind: FitKind.Ramp } when fit.To - fit.From >= LeastRamp:
                var trend = Series.MannKendall(y);
                return trend >= Level ? null : shape with
                {
                    Kind = ShapeKind.Gradual, At = names[fit.From], Until = names[Math.Min(fit.To, y.Length - 1)], Before = fit.Before, After = fit.After, Slope = Series.TheilSen(y), PValue = trend,
                    Message = $"went from {Text(fit.Before)} to {Text(fit.After)} between {names[fit.From]} and {names[Math.Min(fit.To, y.Length - 1)]}",
                };
            default:
                var at = fit.Kind == FitKind.Ramp ? fit.From + 1 : fit.From;
                var once = Series.CusumPValue(y, seed);
                return once >= Level ? null : shape with
                {
                    Kind = ShapeKind.Sudden, At = names[at], Before = fit.Before, After = fit.After, PValue = once,
                    Message = $"jumped from {Text(fit.Before)} to {Text(fit.After)} at {names[at]}",
                };
        }
    }

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
