using System.Globalization;
using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Upstream;

/// <summary>
/// Values multiplied by a constant, shifted by one, or both. The line through the quantiles of both sides proposes factor and offset; they are believed when taking them back
/// makes the two samples agree: KS no further than chance or 0.03, and half of before at most; for conversions known by name also a quarter of before, up to 0.15. Those need a
/// smaller difference before (KS 0.1) than any others (0.2), since any shift of a bell curve is one by a constant.
/// </summary>
internal sealed class UnitRule : IUpstreamRule
{
    private const long LeastRows = 50;
    private const int LeastValues = 10;
    private const int Points = 49;

    // Conversions are tried on at most so many quantiles: they are off by half of one ten-thousandth at most.
    private const int Tried = 10_000;
    private const double LeastKnown = 0.1;
    private const double LeastUnknown = 0.2;
    private const double Agreement = 0.03;
    private const double Largest = 1e140;

    public IEnumerable<UpstreamChange> Look(ColumnSample reference, ColumnSample current)
    {
        if (reference is not NumericSample a || current is not NumericSample b || a.Count < LeastRows || b.Count < LeastRows) return [];
        if (a.Distinct(LeastValues) < LeastValues || b.Distinct(LeastValues) < LeastValues) return [];
        if (Math.Max(a.Greatest, b.Greatest) > Largest) return []; // squares and offsets would be no numbers, and nobody measures so much
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
        var (thin, thinner) = (Thin(a), Thin(b));
        var slope = xy / xx;
        var noise = 1.95 * Math.Sqrt((1.0 / a.Count) + (1.0 / b.Count)); // KS distance exceeded with probability 0.001
        var chance = Math.Min(before / 2, Math.Max(Agreement, noise));

        // The world moves a little too while a unit changes, so a conversion that is known need not explain everything: a quarter of before may remain, up to 0.15.
        var limit = Math.Max(chance, Math.Min(before / 4, 0.15));
        var decimals = Decimals(thin);
        (UnitChange Change, double After)[] known = [.. KnownUnits.All.Where(k => k.Factor < 0 || Near(k.Factor, slope) || Near(k.Factor, oy / ox))
            .Select(k => (Change: k, After: After(thin, thinner, k, decimals))).Where(k => k.After <= limit)];
        UnitChange[] plain = before < LeastUnknown || slope <= 0 ? [] : [new(oy / ox, 0, null), new(1, my - mx, null), new(slope, my - (slope * mx), null)];
        var measured = plain.Where(p => p.Factor > 0).Select(p => (Change: p, After: After(thin, thinner, p, decimals))).FirstOrDefault(p => p.After <= chance);

        // A known conversion is believed unless what was measured explains clearly more.
        return known.Length > 0 && (measured.Change is null || known.Min(k => k.After) <= measured.After + noise) ? Likeliest(known, thinner, decimals, noise) : measured.Change;
    }

    // Only to spare trying the others: a long tail makes the line quite uncertain.
    private static bool Near(double factor, double found) => found > 0 && Math.Abs(Math.Log(factor / found)) < 0.3;

    // The conversion that puts nearly every value back on the reference's decimals is it. Otherwise, of those after which the samples agree about equally well, the commoner
    // one: 60 and 57.3 cannot be told apart in a few hundred values.
    private static UnitChange Likeliest((UnitChange Change, double After)[] known, NumericSample b, int? decimals, double noise)
    {
        var exact = decimals is { } d ? known.FirstOrDefault(k => k.Change.Factor != Math.Floor(k.Change.Factor) && OnGrid(b, k.Change, d)).Change : null;
        return exact ?? known.First(k => k.After <= known.Min(o => o.After) + noise).Change;
    }

    private static bool OnGrid(NumericSample b, UnitChange change, int decimals)
    {
        var on = 0;
        foreach (var v in b.Values)
        {
            var undone = change.Undo(v);
            if (Math.Abs(undone - Math.Round(undone, decimals)) <= 1e-7 * Math.Max(1, Math.Abs(undone))) on++;
        }

        return on >= 0.95 * b.Values.Length;
    }

    /// <summary>The fewest decimals, up to 4, that all values have; null when they have more.</summary>
    private static int? Decimals(NumericSample sample)
    {
        for (var d = 0; d <= 4; d++)
        {
            if (Array.TrueForAll(sample.Values, v => Math.Abs(v - Math.Round(v, d)) <= 1e-12 * Math.Max(1, Math.Abs(v)))) return d;
        }

        return null;
    }

    private static double After(NumericSample a, NumericSample b, UnitChange change, int? decimals)
    {
        // A conversion that was rounded afterwards must not fail on values that lie just beside those of the reference.
        var values = new double[b.Values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var undone = change.Undo(b.Values[i]);
            values[i] = decimals is { } d ? Math.Round(undone, d) : undone;
        }

        var counts = b.Counts;
        if (change.Factor < 0)
        {
            Array.Reverse(values);
            counts = counts is null ? null : [.. counts.Reverse()];
        }

        return KolmogorovSmirnov.Statistic(a, b with { Values = values, Counts = counts });
    }

    private static NumericSample Thin(NumericSample sample)
    {
        if (sample.Counts is not null || sample.Values.Length <= Tried) return sample;
        var values = new double[Tried];
        for (var i = 0; i < Tried; i++) values[i] = sample.Values[(int)((i + 0.5) / Tried * sample.Values.Length)];
        return sample with { Values = values, Rows = Tried, Missing = 0 };
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
