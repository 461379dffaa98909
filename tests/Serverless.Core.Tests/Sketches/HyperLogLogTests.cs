using CsCheck;
using Serverless.Problems;
using Serverless.Sketches;

namespace Serverless.Core.Tests.Sketches;

public sealed class HyperLogLogTests
{
    // Five standard errors: less than one false alarm in a million.
    private const double Sure = 5 * HyperLogLog.StandardError;

    [Theory]
    [InlineData(100), InlineData(1_000), InlineData(5_000), InlineData(12_000), InlineData(50_000), InlineData(1_000_000), InlineData(5_000_000)]
    public void Estimate_DifferentNumbers_LiesWithinFiveStandardErrors(int n)
    {
        var sketch = new HyperLogLog();
        for (long i = 0; i < n; i++) sketch.Add(ValueHash.Of(i * 1000));
        (sketch.Estimate() / n).ShouldBe(1, Sure);
    }

    [Fact]
    public void Estimate_ManySets_HasTheStatedStandardError()
    {
        var errors = Enumerable.Range(0, 200).Select(set =>
        {
            var sketch = new HyperLogLog();
            for (var i = 0; i < 20_000; i++) sketch.Add(ValueHash.Of((set * 1_000_000L) + i));
            return (sketch.Estimate() / 20_000) - 1;
        }).ToArray();
        errors.Average().ShouldBe(0, 0.005);
        Math.Sqrt(errors.Average(e => e * e)).ShouldBe(HyperLogLog.StandardError, 0.004);
    }

    [Fact]
    public void Estimate_FewTexts_IsNearlyExact()
    {
        var sketch = new HyperLogLog();
        sketch.AddRange((string[])["a", "b", "c", "a", new string('x', 500)]);
        sketch.Estimate().ShouldBe(4, 0.05);
        new HyperLogLog().Estimate().ShouldBe(0);
    }

    [Fact]
    public void Merge_OfParts_IsTheSketchOfAll() => Gen.Select(Values, Values).Sample((a, b) =>
    {
        var merged = Of(a);
        merged.Merge(Of(b));
        merged.ToBytes().ShouldBe(Of([.. a, .. b]).ToBytes());
        var turned = Of(b);
        turned.Merge(Of(a));
        turned.ToBytes().ShouldBe(merged.ToBytes());
        merged.Merge(new HyperLogLog());
        merged.ToBytes().ShouldBe(turned.ToBytes());
    });

    [Fact]
    public void FromBytes_OfToBytes_IsTheSame() => Gen.Long.Array[0, 20_000].Sample(values =>
    {
        var bytes = Of(values).ToBytes();
        bytes.Length.ShouldBeLessThan(3_100);
        HyperLogLog.FromBytes(bytes).ToBytes().ShouldBe(bytes);
        Of(values).Copy().Estimate().ShouldBe(HyperLogLog.FromBytes(bytes).Estimate());
    }, iter: 30);

    [Fact]
    public void FromBytes_Damaged_SaysSo()
    {
        foreach (var n in new[] { 10, 20_000 })
        {
            var bytes = Of([.. Enumerable.Range(0, n).Select(i => (long)i)]).ToBytes();
            for (var length = 0; length < bytes.Length; length += 11) Should.Throw<DataException>(() => HyperLogLog.FromBytes(bytes.AsSpan(0, length)));
        }

        Should.Throw<DataException>(() => HyperLogLog.FromBytes(new KllSketch().ToBytes())).Message.ShouldContain("is something else");
    }

    [Fact]
    public void Of_SameValue_HashesTheSameEverywhere()
    {
        // Stored sketches of different machines and versions meet. XXH3 of "abc": xxHash's own test vectors (xxhsum -H3).
        ValueHash.Of("abc").ShouldBe(0x78AF5F94892F3950UL);
        ValueHash.Of(-0.0).ShouldBe(ValueHash.Of(0.0));
        ValueHash.Of(1L).ShouldNotBe(ValueHash.Of(2L));
    }

    private static Gen<long[]> Values { get; } = Gen.Long[0, 5_000].Array[0, 3_000];

    private static HyperLogLog Of(long[] values)
    {
        var sketch = new HyperLogLog();
        sketch.AddRange(values);
        return sketch;
    }
}
