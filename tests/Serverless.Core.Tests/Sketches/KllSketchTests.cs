using CsCheck;
using Serverless.Problems;
using Serverless.Sketches;

namespace Serverless.Core.Tests.Sketches;

public sealed class KllSketchTests
{
    // RankError holds in 99 of 100 cases, which is 2.6 standard deviations. Twice that fails less than once in a million.
    private const double Sure = 2 * 0.0133;

    private static readonly Gen<double[]> Few = Gen.Double[-1000, 1000].Array[0, 150];

    private static readonly double[] Probabilities = [.. Enumerable.Range(0, 101).Select(i => i / 100.0)];

    [Fact]
    public void RankError_DefaultSize_IsTheOneOfDataSketches() => Of(Shuffled(10_000, 1)).RankError.ShouldBe(0.0133, 1e-4);

    [Theory, InlineData(11), InlineData(23), InlineData(42)]
    public void Quantile_MillionValues_LiesWithinTheStatedRankError(int seed)
    {
        var values = Shuffled(1_000_000, seed);
        WorstRankError(Of(values), 1_000_000).ShouldBeLessThan(Sure);
    }

    [Fact]
    public void Quantile_SortedInput_LiesWithinTheStatedRankError() => WorstRankError(Of([.. Enumerable.Range(0, 300_000).Select(i => (double)i)]), 300_000).ShouldBeLessThan(Sure);

    [Theory, InlineData(1), InlineData(2)]
    public void Merge_YearOfDays_LiesWithinTheStatedRankError(int seed)
    {
        var values = Shuffled(365 * 2_000, seed);
        var year = new KllSketch();
        for (var day = 0; day < 365; day++) year.Merge(Of(values.AsSpan(day * 2_000, 2_000)));
        year.Count.ShouldBe(values.Length);
        WorstRankError(year, values.Length).ShouldBeLessThan(Sure);
    }

    [Fact]
    public void Merge_DaysOfTheSameValues_ErrorsDoNotAddUp()
    {
        // Would every sketch throw away the same half, the merged one would be off by as much as each of them.
        var year = new KllSketch();
        var values = Shuffled(5_000, 5);
        for (var day = 0; day < 200; day++) year.Merge(Of([.. values.Select(v => v + (day * 1e-6))]));
        WorstRankError(year, 5_000).ShouldBeLessThan(Sure);
    }

    [Fact]
    public void AddCounted_ValuesWithCounts_LiesWithinTheStatedRankError()
    {
        var values = Enumerable.Range(0, 1000).Select(i => (double)i).ToArray();
        var counts = Enumerable.Range(0, 1000).Select(i => i % 7 == 0 ? 5_000L : 1 + (i % 13)).ToArray();
        var sketch = new KllSketch();
        sketch.AddCounted(values, counts);
        sketch.Count.ShouldBe(counts.Sum());
        for (var i = 0; i < values.Length; i++) sketch.Rank(values[i]).ShouldBe((double)counts.Take(i + 1).Sum() / counts.Sum(), Sure);
    }

    [Fact]
    public void Quantile_FewValues_IsExact() => Few.Where(v => v.Length > 0).Sample(values =>
    {
        var sketch = Of(values);
        sketch.IsExact.ShouldBeTrue();
        sketch.RankError.ShouldBe(0);
        var sorted = values.Order().ToArray();
        foreach (var p in Probabilities)
        {
            var position = p * (sorted.Length - 1);
            var (low, high) = (sorted[(int)Math.Floor(position)], sorted[(int)Math.Ceiling(position)]);
            sketch.Quantile(p).ShouldBe(low + ((position - Math.Floor(position)) * (high - low)), 1e-9);
        }

        sketch.Rank(sorted[0]).ShouldBe((double)sorted.Count(v => v <= sorted[0]) / sorted.Length, 1e-12);
    });

    [Fact]
    public void Merge_AnyOrderAndGrouping_AgreesWithinTheError() => Gen.Select(Many, Many, Many).Sample((a, b, c) =>
    {
        var all = (double[])[.. a, .. b, .. c];
        foreach (var merged in new[] { Merged(Merged(Of(a), Of(b)), Of(c)), Merged(Of(a), Merged(Of(b), Of(c))), Merged(Of(c), Merged(Of(b), Of(a))) })
        {
            merged.Count.ShouldBe(all.Length);
            merged.Min.ShouldBe(all.Min());
            merged.Max.ShouldBe(all.Max());
            foreach (var p in new[] { 0.05, 0.25, 0.5, 0.75, 0.95 })
            {
                var x = all.Order().ElementAt((int)(p * (all.Length - 1)));
                merged.Rank(x).ShouldBe((double)all.Count(v => v <= x) / all.Length, Sure);
            }
        }
    }, iter: 20);

    [Fact]
    public void Merge_WithEmpty_ChangesNothing() => Many.Sample(values =>
    {
        var sketch = Of(values);
        sketch.Merge(new KllSketch());
        sketch.ToBytes().ShouldBe(Of(values).ToBytes());
        var empty = new KllSketch();
        empty.Merge(Of(values));
        empty.Distribution().Weights.Sum().ShouldBe(values.Length);
        empty.Distribution().Values.ShouldBe(Of(values).Distribution().Values);
    }, iter: 20);

    [Fact]
    public void Distribution_AnyInput_WeighsAsMuchAsWasSeen() => Gen.Select(Many, Few).Sample((a, b) =>
        Merged(Of(a), Of(b)).Distribution().Weights.Sum().ShouldBe(a.Length + b.Length), iter: 30);

    [Fact]
    public void Add_SameValuesTwice_GivesTheSameBytes() => Of(Shuffled(50_000, 3)).ToBytes().ShouldBe(Of(Shuffled(50_000, 3)).ToBytes());

    [Fact]
    public void FromBytes_OfToBytes_IsTheSameAndGoesOnTheSame() => Gen.Select(Many, Gen.Bool).Sample((values, whole) =>
    {
        var sketch = Of([.. values.Select(v => whole ? Math.Round(v / 3) : v / 3)]);
        var back = KllSketch.FromBytes(sketch.ToBytes());
        back.ToBytes().ShouldBe(sketch.ToBytes());
        sketch.AddRange(values);
        back.AddRange(values);
        back.ToBytes().ShouldBe(sketch.ToBytes());
    }, iter: 30);

    [Fact]
    public void ToBytes_MillionValues_IsSmall() => Of(Shuffled(1_000_000, 9)).ToBytes().Length.ShouldBeLessThan(7_000);

    [Fact]
    public void FromBytes_Damaged_SaysSo()
    {
        var bytes = Of(Shuffled(1_000, 1)).ToBytes();
        for (var length = 0; length < bytes.Length; length += 7) Should.Throw<DataException>(() => KllSketch.FromBytes(bytes.AsSpan(0, length)));
        Should.Throw<DataException>(() => KllSketch.FromBytes([(byte)'K', 9])).Message.ShouldContain("has version 9; this program knows up to 1");
    }

    [Fact]
    public void Add_NaN_IsLeftOut()
    {
        var sketch = Of([double.NaN, 1, double.NaN, 3]);
        sketch.Count.ShouldBe(2);
        sketch.Quantile(0.5).ShouldBe(2);
        new KllSketch().Quantile(0.5).ShouldBe(double.NaN);
        new KllSketch().Rank(0).ShouldBe(double.NaN);
    }

    private static Gen<double[]> Many { get; } = Gen.Select(Gen.Int[1, 20_000], Gen.Int[1, 1_000_000]).Select((n, seed) => Shuffled(n, seed));

    private static KllSketch Of(ReadOnlySpan<double> values)
    {
        var sketch = new KllSketch();
        sketch.AddRange(values);
        return sketch;
    }

    private static KllSketch Merged(KllSketch a, KllSketch b)
    {
        var merged = a.Copy();
        merged.Merge(b);
        return merged;
    }

    private static double[] Shuffled(int n, int seed)
    {
        var values = Enumerable.Range(0, n).Select(i => (double)i).ToArray();
        new Random(seed).Shuffle(values);
        return values;
    }

    /// <summary>For a sketch of 0, 1, ..., n - 1, each equally often.</summary>
    private static double WorstRankError(KllSketch sketch, int n)
    {
        var byQuantile = Probabilities.Max(p => Math.Abs((sketch.Quantile(p) / (n - 1)) - p));
        var byRank = Probabilities.Max(p => Math.Abs(sketch.Rank(p * (n - 1)) - p));
        return Math.Max(byQuantile, byRank);
    }
}
