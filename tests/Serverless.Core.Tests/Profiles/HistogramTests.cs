using CsCheck;
using Serverless.Profiles;

namespace Serverless.Core.Tests.Profiles;

public sealed class HistogramTests
{
    [Fact]
    public void Of_AnyValues_HoldsEachOnceBetweenAscendingEdges() => Gen.Select(Gen.Double[-1e9, 1e9], Gen.Double[1e-6, 1e6], Gen.Int[1, 300], Gen.Bool, Gen.Int[0, 1_000_000]).Sample((shift, scale, n, whole, seed) =>
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, n).Select(_ => shift + (scale * Math.Pow(random.NextDouble(), 3))).Select(v => whole ? Math.Round(v) : v).Distinct().Order()];
        long[] weights = [.. values.Select(_ => (long)random.Next(1, 9))];
        var histogram = Histogram.Of(values, weights, values[0], values[^1], whole)!;

        histogram.Counts.Sum().ShouldBe(weights.Sum());
        histogram.Edges.Count.ShouldBe(histogram.Counts.Count + 1);
        histogram.Counts.Count.ShouldBeLessThanOrEqualTo(24);
        histogram.Edges.ShouldBe(histogram.Edges.Order());
        histogram.Edges[0].ShouldBeLessThanOrEqualTo(values[0]);
        histogram.Edges[^1].ShouldBeGreaterThanOrEqualTo(values[^1]);
        for (var bin = 0; bin < histogram.Counts.Count; bin++)
        {
            var (from, to, last) = (histogram.Edges[bin], histogram.Edges[bin + 1], bin == histogram.Counts.Count - 1);
            histogram.Counts[bin].ShouldBe(values.Zip(weights).Where(v => v.First >= from && (v.First < to || last)).Sum(v => v.Second));
        }
    });

    [Fact]
    public void Of_FewFarAway_KeepsTheOthersApart()
    {
        double[] values = [-1116, .. Enumerable.Range(0, 100).Select(i => (double)i), 1_000_000];
        long[] weights = [1, .. Enumerable.Repeat(1000L, 100), 1];
        var histogram = Histogram.Of(values, weights, values[0], values[^1], whole: true)!;
        histogram.Edges.Take(2).ShouldBe([-1116, 0]);
        histogram.Counts[0].ShouldBe(1);
        histogram.Counts[^1].ShouldBe(1);
        histogram.Counts.Count.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Of_OneValue_IsOneBin()
    {
        var histogram = Histogram.Of([3], [7], 3, 3, whole: true)!;
        histogram.Edges.ShouldBe([3, 3]);
        histogram.Counts.ShouldBe([7]);
    }

    [Fact]
    public void Of_OneDay_HasBinsOfAClock()
    {
        double[] seconds = [.. Enumerable.Range(0, 1440).Select(m => 978_307_200.0 + (m * 60))];
        var histogram = Histogram.Of(seconds, [.. seconds.Select(_ => 1L)], seconds[0], seconds[^1], whole: false, seconds: true)!;
        histogram.Edges.Zip(histogram.Edges.Skip(1), (a, b) => b - a).Distinct().ShouldBe([7200]);
        histogram.Counts.ShouldBe(Enumerable.Repeat(120L, 12));
    }
}
