using Serverless.Drift.Samples;

namespace Serverless.Drift.Upstream;

/// <summary>Numbers that became rounder or finer: nearly all values of one side are multiples of a step, and at most half of the other side's.</summary>
internal sealed class PrecisionRule : IUpstreamRule
{
    private const int Looked = 256;
    private const long LeastRows = 50;
    private const int LeastValues = 10;
    private const double Round = 0.99;
    private const double NotRound = 0.5;

    // Coarsest first.
    private static readonly (double Step, string Name)[] Steps =
    [
        (1000, "multiples of 1000"), (100, "multiples of 100"), (10, "multiples of 10"), (5, "multiples of 5"), (1, "whole numbers"),
        (0.1, "numbers with one decimal"), (0.01, "numbers with 2 decimals"), (0.001, "numbers with 3 decimals"), (0.0001, "numbers with 4 decimals"),
    ];

    public IEnumerable<UpstreamChange> Look(ColumnSample reference, ColumnSample current)
    {
        if (reference is not NumericSample a || current is not NumericSample b || a.Count < LeastRows || b.Count < LeastRows) yield break;
        if (a.Distinct(LeastValues) < LeastValues && b.Distinct(LeastValues) < LeastValues) yield break;
        double[] before = Some(a), after = Some(b);
        var (was, now) = (Grid(before), Grid(after));
        if (was == now) yield break;
        var step = Math.Max(Size(was), Size(now));
        var (shareBefore, shareAfter) = (Share(before, step), Share(after, step));
        if (!(shareAfter >= Round && shareBefore <= NotRound) && !(shareBefore >= Round && shareAfter <= NotRound)) yield break;
        yield return new UpstreamChange
        {
            Column = reference.Name, Kind = UpstreamKind.Precision, Share = shareAfter,
            Message = $"values are {Name(now)}; in the reference they are {Name(was)} ({(shareAfter > shareBefore ? "rounded now?" : "no longer rounded?")})",
        };
    }

    private static string Name(int? grid) => grid is { } g ? Steps[g].Name : "numbers with more than 4 decimals";

    private static double Size(int? grid) => grid is { } g ? Steps[g].Step : 0;

    // The coarsest step that nearly all values are multiples of.
    private static int? Grid(double[] values)
    {
        for (var i = 0; i < Steps.Length; i++)
        {
            if (Share(values, Steps[i].Step) >= Round) return i;
        }

        return null;
    }

    private static double Share(double[] values, double step)
    {
        var on = 0;
        foreach (var v in values)
        {
            // 0.3 is not 3 times 0.1 in binary: as near as the last digits of the value are.
            var multiple = v / step;
            if (Math.Abs(multiple - Math.Round(multiple)) <= Math.Max(1e-9, Math.Abs(multiple) * 1e-12)) on++;
        }

        return on / (double)values.Length;
    }

    private static double[] Some(NumericSample sample)
    {
        var count = (int)Math.Min(Looked, sample.Count);
        return [.. Enumerable.Range(0, count).Select(i => sample.AtRank((long)((i + 0.5) / count * sample.Count)))];
    }
}
