using System.Globalization;
using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Upstream;

/// <summary>
/// Values multiplied by a constant, shifted by one, or both. The line through the quantiles of both sides proposes factor and offset; they are believed when taking them back
/// makes the two samples agree (KS no further than chance or 0.03, and half of before at most). Conversions that are known by name need a smaller difference
/// before (KS 0.1) than any others (0.2), since any shift of a bell curve is one by a constant.
/// </summary>
internal sealed class UnitRule : IUpstreamRule
{
    private const long LeastRows = 50;
    private const int LeastValues = 10;
    private const int Points = 49;
    private const double LeastKnown = 0.1;
    private const double LeastUnknown = 0.2;
    private const double Agreement = 0.03;

    public IEnumerable<UpstreamChange> Look(ColumnSample reference, ColumnSample current)
    {
        if (reference is not NumericSample a || current is not NumericSample b || a.Count < LeastRows || b.Count < LeastRows) return [];
        if (a.Distinct(LeastValues) < LeastValues || b.Distinct(LeastValues) < LeastValues) return [];
        if (RoughDistance(a, b) < LeastKnown * 0.8) return [];
        var before = KolmogorovSmirnov.Statistic(a, b);
        if (before < LeastKnown || KolmogorovSmirnov.AsymptoticPValue(before, a.Count, b.Count) > 0.001) return [];
        return Best(a, b, before) is { } change ? [Describe(reference.Name, change, a, b)] : [];
    }

    private static UnitChange? Best(NumericSample a, NumericSample b, double before)
    {
        double[] x = new double[Points], y = new double[Points];
        for (var i = 0; i < Points; i++)
        {
            var p = (i + 1) / (Points + 1.0);
            (x[i], y[i]) = (a.Quantile(p), b.Quantile(p));
        }

        double mx = x.Average(), my = y.Average(), xx = 0, xy = 0, ox = 0, oy = 0;
        for (var i = 0; i < Points; i++)
        {
            xx += (x[i] - mx) * (x[i] - mx);
            xy += (x[i] - mx) * (y[i] - my);
            ox += x[i] * x[i];
            oy += x[i] * y[i];
        }

        if (xx == 0 || ox == 0) return null;
        var slope = xy / xx;
        var noise = 1.95 * Math.Sqrt((1.0 / a.Count) + (1.0 / b.Count)); // KS distance exceeded with probability 0.001
        var tolerance = Math.Max(0.05, 5 / Math.Sqrt(Math.Min(a.Count, b.Count)));
        var limit = Math.Min(before / 2, Math.Max(Agreement, noise));

        // Known ones first. Of those after which the samples agree about equally well, the more common one: 60 and 57.3 cannot be told apart in a few hundred values.
        (UnitChange Change, double After)[] known = [.. KnownUnits.All.Where(k => k.Factor < 0 || Near(k.Factor, slope, tolerance) || Near(k.Factor, oy / ox, tolerance))
            .Select(k => (Change: k, After: After(a, b, k))).Where(k => k.After <= limit)];
        if (known.Length > 0) return known.First(k => k.After <= known.Min(o => o.After) + noise).Change;
        if (before < LeastUnknown || slope <= 0) return null;
        UnitChange[] plain = [new(oy / ox, 0, null), new(1, my - mx, null), new(slope, my - (slope * mx), null)];
        return plain.FirstOrDefault(p => p.Factor > 0 && After(a, b, p) <= limit);
    }

    private static bool Near(double factor, double found, double tolerance) => found > 0 && Math.Abs(Math.Log(factor / found)) < tolerance;

    private static double After(NumericSample a, NumericSample b, UnitChange change)
    {
        // A reference of whole numbers is compared with whole numbers: a conversion that was rounded afterwards must not fail on that.
        var whole = Array.TrueForAll(a.Values.Length <= 1000 ? a.Values : a.Values[..1000], v => v == Math.Floor(v)) && a.Values[^1] == Math.Floor(a.Values[^1]);
        var values = new double[b.Values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var undone = change.Undo(b.Values[i]);
            values[i] = whole ? Math.Round(undone) : undone;
        }

        var counts = b.Counts;
        if (change.Factor < 0)
        {
            Array.Reverse(values);
            counts = counts is null ? null : [.. counts.Reverse()];
        }

        return KolmogorovSmirnov.Statistic(a, b with { Values = values, Counts = counts });
    }

    // The distance at the deciles only: a few binary searches say for most columns that there is nothing to explain.
    private static double RoughDistance(NumericSample a, NumericSample b)
    {
        double greatest = 0;
        for (var i = 1; i < 10; i++)
        {
            var value = b.Quantile(i / 10.0);
            greatest = Math.Max(greatest, Math.Abs(a.ShareBelow(value) - b.ShareBelow(value)));
        }

        return greatest;
    }

    private static UpstreamChange Describe(string column, UnitChange change, NumericSample a, NumericSample b)
    {
        var (factor, offset) = (Text(change.Factor), Text(Math.Abs(change.Offset)));
        var done = (change.Factor, change.Offset) switch
        {
            (1, > 0) => $"shifted by {offset}",
            (1, _) => $"shifted by -{offset}",
            (_, 0) => $"multiplied by {factor}",
            (_, > 0) => $"multiplied by {factor} and shifted by {offset}",
            _ => $"multiplied by {factor} and shifted by -{offset}",
        };
        return new UpstreamChange
        {
            Column = column, Kind = UpstreamKind.Unit, Factor = change.Factor, Offset = change.Offset,
            Message = $"values look {done}{(change.Meaning is null ? "" : $" ({change.Meaning})")}: the median was {Text(a.Quantile(0.5))} and is {Text(b.Quantile(0.5))}.",
        };
    }

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture) is var text && text.Contains('E', StringComparison.Ordinal)
        ? value.ToString("0.####", CultureInfo.InvariantCulture) : text;
}
