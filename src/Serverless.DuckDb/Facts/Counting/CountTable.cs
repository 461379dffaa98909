using System.Runtime.CompilerServices;

namespace Serverless.DuckDb.Facts.Counting;

/// <summary>
/// How often each of many whole numbers occurs: open addressing, because a dictionary costs several times as much and this is done for every cell of a drop.
/// </summary>
internal sealed class CountTable
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private long[] keys = new long[64];
    private int[] counts = new int[64];
    private int shift = 64 - 6;

    /// <summary>Different numbers.</summary>
    public int Count { get; private set; }

    public void Add(long key, int times)
    {
        ref var count = ref Slot(key);
        if (count == 0) Count++;
        count += times;
        if (Count * 2 > keys.Length) Grow();
    }

    /// <summary>Equal neighbours are counted together: times and states often come in runs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddRange(ReadOnlySpan<long> values)
    {
        for (var i = 0; i < values.Length;)
        {
            var value = values[i];
            var start = i++;
            while (i < values.Length && values[i] == value) i++;
            Add(value, i - start);
        }
    }

    /// <summary>All numbers ascending and their counts; empties the table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (long[] Values, long[] Counts) Take()
    {
        var (values, times) = (new long[Count], new long[Count]);
        for (int i = 0, at = 0; i < keys.Length; i++)
        {
            if (counts[i] > 0) values[at++] = keys[i];
        }

        RadixSort.Ascending(values, new long[Count]);
        for (var i = 0; i < values.Length; i++) times[i] = Slot(values[i]);
        Array.Clear(counts);
        Count = 0;
        return (values, times);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int Slot(long key)
    {
        var mask = keys.Length - 1;
        var at = (int)(((ulong)key * Golden) >> shift);
        while (counts[at] != 0 && keys[at] != key) at = (at + 1) & mask;
        keys[at] = key;
        return ref counts[at];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Grow()
    {
        var (oldKeys, oldCounts) = (keys, counts);
        (keys, counts, shift) = (new long[oldKeys.Length * 2], new int[oldKeys.Length * 2], shift - 1);
        for (var i = 0; i < oldKeys.Length; i++)
        {
            if (oldCounts[i] != 0) Slot(oldKeys[i]) = oldCounts[i];
        }
    }
}
