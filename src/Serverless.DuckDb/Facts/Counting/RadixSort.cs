using System.Runtime.CompilerServices;

namespace Serverless.DuckDb.Facts.Counting;

/// <summary>
/// Sorts whole numbers by their bytes, least significant first (LSD radix sort), leaving out bytes in which all are equal. The class library's comparing sort has no instance for
/// <see langword="long"/> that is compiled ahead: each new process runs it unoptimised, which was 1.4 % of an ingest.
/// </summary>
internal static class RadixSort
{
    /// <param name="scratch">As long as the values; what is in it is lost.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Ascending(long[] values, long[] scratch)
    {
        long all = -1, any = 0;
        foreach (var value in values)
        {
            all &= value;
            any |= value;
        }

        var differs = (ulong)(all ^ any);
        var (from, to) = (values, scratch);
        Span<int> starts = stackalloc int[256];
        for (var shift = 0; shift < 64; shift += 8)
        {
            if ((byte)(differs >> shift) == 0) continue;
            // The sign's byte sorts negative numbers last unless its first bit is turned.
            var turn = shift == 56 ? 0x80 : 0;
            starts.Clear();
            foreach (var value in from) starts[(byte)(value >> shift) ^ turn]++;
            var at = 0;
            for (var digit = 0; digit < 256; digit++) (starts[digit], at) = (at, at + starts[digit]);
            foreach (var value in from) to[starts[(byte)(value >> shift) ^ turn]++] = value;
            (from, to) = (to, from);
        }

        if (from != values) from.CopyTo(values.AsSpan());
    }
}
