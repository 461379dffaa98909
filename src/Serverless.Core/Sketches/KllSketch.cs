using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Serverless.Sketches;

/// <summary>
/// Quantiles of numbers in bounded memory. Levels of values, each value of level h standing for 2^h of those seen; a full level is sorted and every second value moves up.
/// A rank is off by at most <see cref="RankError"/> of all values in 99 of 100 cases; exact while nothing had to move up (a few hundred values). NaN is not a number and
/// is left out. Deterministic: which half moves up follows from the seed and the values. Source: Karnin, Lang, Liberty, "Optimal quantile approximation in
/// streams" (2016); alternating choices after Ivkin, Liberty, Lang, Karnin, Braverman, "Streaming quantiles algorithms with small space and update time" (2019).
/// </summary>
[JsonConverter(typeof(SketchJson<KllSketch>))]
public sealed partial class KllSketch : ISketch<KllSketch>
{
    public const int DefaultK = 200;

    private const int LeastCapacity = 8;
    private const int MostLevels = 60;

    private readonly int k;
    private readonly ulong seed;
    private readonly List<Level> levels = [];
    private int[] capacities = [];
    private int retained;
    private int capacity;
    private bool halved;
    private ulong pairOpen, pairChoice; // For each level: whether its next choice is the opposite of the last one, and the last one.
    private SortedValues? sorted;

    /// <param name="k">Size of the greatest level: a greater one is more exact.</param>
    public KllSketch(int k = DefaultK, ulong seed = 42)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, LeastCapacity);
        (this.k, this.seed) = (k, seed);
        Grow(1);
    }

    /// <summary>Values seen, NaN not among them.</summary>
    public long Count { get; private set; }

    /// <summary>Exact; NaN without values.</summary>
    public double Min { get; private set; } = double.NaN;

    /// <summary>Exact; NaN without values.</summary>
    public double Max { get; private set; } = double.NaN;

    /// <summary>Every value seen is still known.</summary>
    public bool IsExact => !halved;

    /// <summary>Normalised rank error of one quantile or rank, 99 % confidence: 0.0133 for k = 200. Source: measured for Apache DataSketches, KllHelper.</summary>
    public double RankError => IsExact ? 0 : 2.296 / Math.Pow(k, 0.9723);

    public void Add(double value)
    {
        if (double.IsNaN(value)) return;
        See(value, value, 1);
        levels[0].Append(value);
        retained++;
        if (retained >= capacity) Compress();
    }

    public void AddRange(ReadOnlySpan<double> values)
    {
        foreach (var value in values) Add(value);
    }

    /// <summary>Values with how often each occurs.</summary>
    /// <param name="values">Ascending, no NaN.</param>
    public void AddCounted(ReadOnlySpan<double> values, ReadOnlySpan<long> counts)
    {
        long total = 0;
        foreach (var count in counts) total += count;
        if (total == 0) return;
        See(values[0], values[^1], total);

        // So many levels as the values would have made one by one: a value that occurs often goes to the last one in several copies.
        var height = 1;
        while (height < MostLevels && (long)k << height <= Count) height++;
        Grow(height);
        var runs = new Level[levels.Count];
        for (var h = 0; h < runs.Length; h++) runs[h] = new Level();
        Spread(values, counts, runs);
        for (var h = 0; h < runs.Length; h++)
        {
            retained += runs[h].Count;
            levels[h].Take(runs[h].Values, keepOrder: h > 0);
        }

        Compress();
    }

    // A value that occurs 13 times goes to the levels of 8, 4 and 1.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(ReadOnlySpan<double> values, ReadOnlySpan<long> counts, Level[] runs)
    {
        var last = runs.Length - 1;
        for (var i = 0; i < values.Length; i++)
        {
            for (var rest = (ulong)counts[i] & ((1UL << last) - 1); rest != 0; rest &= rest - 1) runs[BitOperations.TrailingZeroCount(rest)].Append(values[i]);
            for (var copies = counts[i] >> last; copies > 0; copies--) runs[last].Append(values[i]);
        }
    }

    public void Merge(KllSketch other)
    {
        if (other.Count == 0) return;
        See(other.Min, other.Max, other.Count);
        halved |= other.halved;
        Grow(other.levels.Count);
        for (var h = 0; h < other.levels.Count; h++)
        {
            levels[h].Take(other.levels[h].Values, keepOrder: h > 0);
            retained += other.levels[h].Count;
        }

        Compress();
    }

    public KllSketch Copy()
    {
        var copy = new KllSketch(k, seed) { Count = Count, Min = Min, Max = Max, retained = retained, halved = halved, pairOpen = pairOpen, pairChoice = pairChoice };
        copy.Grow(levels.Count);
        for (var h = 0; h < levels.Count; h++) copy.levels[h].Take(levels[h].Values, keepOrder: false);
        return copy;
    }

    /// <summary>Share of the values that are at most <paramref name="value"/>; NaN without values.</summary>
    public double Rank(double value) => Count == 0 ? double.NaN : (double)View().WeightUpTo(value) / Count;

    /// <summary>Shares of the values that are at most each point (the empirical distribution function).</summary>
    public double[] Cdf(ReadOnlySpan<double> points)
    {
        var shares = new double[points.Length];
        for (var i = 0; i < shares.Length; i++) shares[i] = Rank(points[i]);
        return shares;
    }

    /// <summary>Value below which a share <paramref name="p"/> of the values lies, linearly between neighbours; NaN without values.</summary>
    public double Quantile(double p) => Count == 0 ? double.NaN : p <= 0 ? Min : p >= 1 ? Max : View().Quantile(p);

    /// <summary>The kept values ascending, and how many of those seen each stands for: a distribution that stands for the whole.</summary>
    public (double[] Values, long[] Weights) Distribution() => View().Weighted();

    private SortedValues View() => sorted ??= new SortedValues(levels);

    private void See(double least, double greatest, long count)
    {
        Min = Count == 0 ? least : Math.Min(Min, least);
        Max = Count == 0 ? greatest : Math.Max(Max, greatest);
        Count += count;
        sorted = null;
    }

    private void Grow(int height)
    {
        if (height <= levels.Count) return;
        while (levels.Count < height) levels.Add(new Level());

        // The lowest level takes what arrives; above it, capacities shrink by 2/3 from the top down.
        capacities = new int[height];
        for (var h = 0; h < height; h++) capacities[h] = h == 0 ? k : Math.Max(LeastCapacity, (int)Math.Ceiling(k * Math.Pow(2.0 / 3, height - 1 - h)));
        capacity = capacities.Sum();
    }

    private void Compress()
    {
        while (retained >= capacity)
        {
            var h = 0;
            while (levels[h].Count < capacities[h]) h++;
            if (h == levels.Count - 1) Grow(levels.Count + 1);
            var level = levels[h];
            if (h == 0) level.Sort();
            var freed = level.Halve(Choice(h, level.Values), out var up);
            levels[h + 1].Take(up.Values, keepOrder: true);
            retained -= freed;
            halved = true;
        }
    }

    // Every second choice of a level is the opposite of the one before, so that their errors cancel. The others depend on the values: sketches of different days
    // would otherwise all err to the same side, and their errors add up.
    private bool Choice(int h, ReadOnlySpan<double> values)
    {
        var bit = 1UL << h;
        var choice = (pairOpen & bit) != 0 ? (pairChoice & bit) == 0
            : (ValueHash.Of((long)(seed ^ ((ulong)h << 56) ^ (ulong)Count) ^ BitConverter.DoubleToInt64Bits(values[values.Length / 2])) & 1) != 0;
        pairOpen ^= bit;
        pairChoice = choice ? pairChoice | bit : pairChoice & ~bit;
        return choice;
    }
}
