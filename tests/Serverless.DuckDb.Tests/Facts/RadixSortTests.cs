using CsCheck;
using Serverless.DuckDb.Facts.Counting;

namespace Serverless.DuckDb.Tests.Facts;

public class RadixSortTests
{
    [Fact]
    public void Ascending_AnyNumbers_SortsAsTheClassLibraryDoes() =>
        Gen.OneOf(Gen.Long, Gen.Long[-1000, 1000], Gen.OneOf(Gen.Const(0L), Gen.Const(-1L), Gen.Const(long.MinValue), Gen.Const(long.MaxValue))).Array[0, 300].Sample(values =>
        {
            var (expected, sorted) = ((long[])values.Clone(), (long[])values.Clone());
            Array.Sort(expected);
            RadixSort.Ascending(sorted, new long[sorted.Length]);
            return sorted.SequenceEqual(expected);
        });

    [Fact]
    public void Ascending_MinutesOfADay_SortsByTheBytesThatDiffer()
    {
        var day = new DateTime(2001, 1, 5).Ticks;
        long[] minutes = [.. Enumerable.Range(0, 1440).Select(m => day + (m * 7919 % 1440 * TimeSpan.TicksPerMinute))];
        RadixSort.Ascending(minutes, new long[minutes.Length]);
        minutes.ShouldBe([.. Enumerable.Range(0, 1440).Select(m => day + (m * TimeSpan.TicksPerMinute))]);
    }
}
