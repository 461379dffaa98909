using CsCheck;
using Serverless.Problems;
using Serverless.Sketches;

namespace Serverless.Core.Tests.Sketches;

public sealed class FrequencySketchTests
{
    private static readonly Gen<long[]> Values = Gen.Long[-50, 50].Array[0, 300];

    [Fact]
    public void Merge_OfPartsBelowTheBound_IsTheExactCountOfAll() => Gen.Select(Values, Values, Values).Sample((a, b, c) =>
    {
        var merged = Merged(Merged(Of(a), Of(b)), Of(c));
        var expected = a.Concat(b).Concat(c).GroupBy(v => v).OrderBy(g => g.Key).ToList();
        merged.IsExact.ShouldBeTrue();
        merged.Error.ShouldBe(0);
        merged.Sorted().Values.ShouldBe(expected.Select(g => g.Key));
        merged.Sorted().Counts.ShouldBe(expected.Select(g => (long)g.Count()));
        Merged(Of(c), Merged(Of(b), Of(a))).ToBytes().ShouldBe(merged.ToBytes());
        Merged(merged, new FrequencySketch<long>()).ToBytes().ShouldBe(merged.ToBytes());
        Merged(new FrequencySketch<long>(), merged).ToBytes().ShouldBe(merged.ToBytes());
    });

    // Misra and Gries: with m kept values a count is too small by at most n / (m + 1).
    [Fact]
    public void Merge_AboveTheBound_KeepsTheFrequentWithinTheStatedError() => Gen.Select(Gen.Int[0, 40].Array[0, 400].Array[1, 8], Gen.Int[2, 12]).Sample((parts, heavy) =>
    {
        FrequencySketch<long> Sketch(int[] part)
        {
            var sketch = new FrequencySketch<long>(heavy + 5, heavy);
            sketch.AddRange([.. part.Select(v => (long)v * v / 40)]);
            return sketch;
        }

        var merged = parts.Select(Sketch).Aggregate(Merged);
        var all = parts.SelectMany(p => p).Select(v => (long)v * v / 40).ToList();
        merged.Count.ShouldBe(all.Count);
        merged.Error.ShouldBeLessThanOrEqualTo(all.Count / (heavy + 1));
        foreach (var group in all.GroupBy(v => v))
        {
            merged[group.Key].ShouldBeInRange(group.Count() - merged.Error, group.Count());
        }

        if (merged.IsExact) merged.Kept.ShouldBe(all.Distinct().Count());
    });

    [Fact]
    public void Reduce_UniqueValues_KeepsNone()
    {
        var sketch = new FrequencySketch<string>(1000, 10);
        for (var i = 0; i < 1001; i++) sketch.Add($"id-{i}");
        sketch.IsExact.ShouldBeFalse();
        sketch.Kept.ShouldBe(0);
        sketch.Error.ShouldBe(1);
        sketch.Count.ShouldBe(1001);
    }

    [Fact]
    public void Top_EqualCounts_SmallerValueFirst()
    {
        var sketch = new FrequencySketch<string>();
        sketch.AddRange((string[])["b", "a", "c", "c", "B"]);
        sketch.Top(3).ShouldBe([("c", 2L), ("B", 1L), ("a", 1L)]);
    }

    [Fact]
    public void FromBytes_OfToBytes_IsTheSame()
    {
        Gen.Long.Array[0, 200].Sample(v => RoundTrip(v));
        Gen.Double.Where(d => !double.IsNaN(d)).Array[0, 200].Sample(v => RoundTrip(v));
        Gen.String[Gen.Char.AlphaNumeric, 0, 20].Array[0, 200].Sample(v => RoundTrip(v));
        RoundTrip((string[])["", "é", "日本", "a,b\"\n", new string('x', 1000)]);

        static void RoundTrip<T>(T[] values) where T : notnull
        {
            var sketch = new FrequencySketch<T>();
            sketch.AddRange(values);
            var back = FrequencySketch<T>.FromBytes(sketch.ToBytes());
            back.ToBytes().ShouldBe(sketch.ToBytes());
            back.Count.ShouldBe(values.Length);
            back.Sorted().Values.ShouldBe(sketch.Sorted().Values);
        }
    }

    [Fact]
    public void FromBytes_Damaged_SaysSo()
    {
        var bytes = Of([1, 2, 3, 1000, 1000]).ToBytes();
        for (var length = 0; length < bytes.Length; length++) Should.Throw<DataException>(() => FrequencySketch<long>.FromBytes(bytes.AsSpan(0, length)));
        Should.Throw<DataException>(() => FrequencySketch<string>.FromBytes(bytes));
    }

    private static FrequencySketch<long> Of(long[] values)
    {
        var sketch = new FrequencySketch<long>();
        sketch.AddRange(values);
        return sketch;
    }

    private static FrequencySketch<long> Merged(FrequencySketch<long> a, FrequencySketch<long> b)
    {
        var merged = a.Copy();
        merged.Merge(b);
        return merged;
    }
}
