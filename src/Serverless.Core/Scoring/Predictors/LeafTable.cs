using System.Numerics;
using System.Runtime.InteropServices;

namespace Serverless.Scoring.Predictors;

/// <summary>
/// The leaves of an ensemble by look-up instead of walks, for trees of at most 64 leaves. A set of leaves is a word of bits, leftmost leaf lowest; a split that sends a row right strikes
/// out the leaves to its left, and the lowest bit left over is the row's leaf (QuickScorer, Lucchese et al., SIGIR 2015). Here the words of all splits on a slot are combined beforehand, for every
/// interval between two neighbouring thresholds and for NaN: a row costs one search and one vector of ANDs for each slot, and nothing has to be foretold.
/// The same leaves are added in the same order as by the walk, so answers are equal to the last bit.
/// </summary>
internal abstract class LeafTable
{
    /// <summary>Larger tables leave the cache, and the walk is as fast.</summary>
    private const long MaxBytes = 8 * 1024 * 1024;

    private const int MaxTrees = 2048;

    private const int MaxCategories = 16_384;

    /// <summary>Adds the leaves of every tree to the sums, tree i to sum i modulo their number.</summary>
    public abstract void Add(ReadOnlySpan<float> features, Span<double> sums);

    /// <summary>Null when the trees are too large for it.</summary>
    public static LeafTable? TryBuild(TreeEnsemble trees)
    {
        if (trees.Trees is 0 or > MaxTrees) return null;
        var splits = new List<Split>();
        var leaves = new List<double>();
        var starts = new int[trees.Trees];
        var most = 0;
        for (var t = 0; t < trees.Trees; t++)
        {
            starts[t] = leaves.Count;
            Collect(trees, t, trees.Roots[t], starts[t], splits, leaves);
            most = Math.Max(most, leaves.Count - starts[t]);
            if (most > 64) return null;
        }

        if (splits.Any(s => s.Node.Kind == SplitKind.Categories && 32 * trees.SetWords(s.Node) > MaxCategories)) return null;
        var slots = splits.GroupBy(s => s.Node.Slot).OrderBy(g => g.Key).Select(g => new Slot(g.Key, [.. g], Bounds(g, trees))).ToArray();
        var bytes = slots.Sum(s => (s.Bounds.Length + 2L) * trees.Trees * (most > 32 ? sizeof(ulong) : sizeof(uint)));
        if (bytes > MaxBytes) return null;
        return most > 32 ? new LeafTable<ulong>(trees, slots, starts, [.. leaves]) : new LeafTable<uint>(trees, slots, starts, [.. leaves]);
    }

    /// <summary>Leaves in the order from left to right, and of each split the leaves to its left. Returns where the leaves of the subtree begin.</summary>
    private static void Collect(TreeEnsemble trees, int tree, int at, int start, List<Split> splits, List<double> leaves)
    {
        if (at < 0)
        {
            leaves.Add(trees.Leaves[~at]);
            return;
        }

        var node = trees.Nodes[at];
        var from = leaves.Count - start;
        Collect(trees, tree, node.Left, start, splits, leaves);
        var to = leaves.Count - start;
        if (to <= 64) splits.Add(new Split(node, tree, Ones(to) & ~Ones(from)));
        Collect(trees, tree, node.Right, start, splits, leaves);
    }

    private static ulong Ones(int count) => count >= 64 ? ulong.MaxValue : (1UL << count) - 1;

    /// <summary>The last value of each interval within which no split of a slot changes its mind, but for the last interval, which has no end.</summary>
    private static float[] Bounds(IEnumerable<Split> splits, TreeEnsemble trees)
    {
        var bounds = new SortedSet<float>();
        var categories = -1;
        foreach (var (node, _, _) in splits)
        {
            switch (node.Kind)
            {
                case SplitKind.Categories:
                    categories = Math.Max(categories, 32 * trees.SetWords(node));
                    break;
                case SplitKind.Category:
                    bounds.Add(MathF.BitDecrement(node.Threshold));
                    bounds.Add(node.Threshold);
                    break;
                case SplitKind.ZeroMissingLeft or SplitKind.ZeroMissingRight:
                    bounds.Add(MathF.BitDecrement(-TreeEnsemble.ZeroThreshold));
                    bounds.Add(TreeEnsemble.ZeroThreshold);
                    bounds.Add(node.Threshold);
                    break;
                default:
                    bounds.Add(node.Threshold);
                    break;
            }
        }

        // Category c is every value from c up to, but without, c + 1; what is negative is none.
        for (var c = 0; c <= categories; c++) bounds.Add(MathF.BitDecrement(c));
        return [.. bounds];
    }

    internal sealed record Slot(int Index, Split[] Splits, float[] Bounds);

    /// <param name="Node">The split itself.</param>
    /// <param name="Tree">Place of its tree.</param>
    /// <param name="LeftLeaves">Bits of the leaves below its left child.</param>
    internal readonly record struct Split(TreeNode Node, int Tree, ulong LeftLeaves);
}

/// <inheritdoc cref="LeafTable"/>
/// <typeparam name="TWord">32 or 64 bits: the most leaves of a tree.</typeparam>
internal sealed class LeafTable<TWord> : LeafTable
    where TWord : unmanaged, IBinaryInteger<TWord>, IMinMaxValue<TWord>
{
    private readonly int width;
    private readonly int[] starts;
    private readonly double[] leaves;
    private readonly int[] slots;
    private readonly float[][] bounds;
    private readonly TWord[][] rows;

    internal LeafTable(TreeEnsemble trees, Slot[] used, int[] starts, double[] leaves)
    {
        (this.starts, this.leaves) = (starts, leaves);
        width = (starts.Length + Vector<TWord>.Count - 1) / Vector<TWord>.Count * Vector<TWord>.Count;
        slots = [.. used.Select(s => s.Index)];
        bounds = [.. used.Select(s => s.Bounds)];
        rows = [.. used.Select(s => Rows(s, trees))];
    }

    public override void Add(ReadOnlySpan<float> features, Span<double> sums)
    {
        Span<TWord> live = stackalloc TWord[width];
        live.Fill(TWord.MaxValue);
        var words = MemoryMarshal.Cast<TWord, Vector<TWord>>(live);
        for (var s = 0; s < slots.Length; s++)
        {
            var row = MemoryMarshal.Cast<TWord, Vector<TWord>>(rows[s].AsSpan(Interval(bounds[s], features[slots[s]]) * width, width));
            for (var w = 0; w < words.Length && w < row.Length; w++) words[w] &= row[w];
        }

        var k = 0;
        for (var t = 0; t < starts.Length; t++)
        {
            sums[k] += leaves[starts[t] + int.CreateTruncating(TWord.TrailingZeroCount(live[t]))];
            if (++k == sums.Length) k = 0;
        }
    }

    /// <summary>One row of words for each interval, then the one of NaN.</summary>
    private TWord[] Rows(Slot slot, TreeEnsemble trees)
    {
        var made = new TWord[(slot.Bounds.Length + 2) * width];
        Array.Fill(made, TWord.MaxValue);
        for (var i = 0; i < slot.Bounds.Length + 2; i++)
        {
            var value = i < slot.Bounds.Length ? slot.Bounds[i] : i == slot.Bounds.Length ? float.PositiveInfinity : float.NaN;
            foreach (var (node, tree, left) in slot.Splits)
            {
                if (!trees.GoesLeft(in node, value)) made[i * width + tree] &= ~TWord.CreateTruncating(left);
            }
        }

        return made;
    }

    /// <summary>How many bounds lie below the value; one more than there are intervals for NaN.</summary>
    private static int Interval(float[] bounds, float value)
    {
        if (float.IsNaN(value)) return bounds.Length + 1;
        var (from, count) = (0, bounds.Length);
        while (count > 0)
        {
            // Which half is chosen by arithmetic: it cannot be foretold.
            var half = (count + 1) >> 1;
            from += System.Runtime.CompilerServices.Unsafe.BitCast<bool, byte>(bounds[from + half - 1] < value) * half;
            count -= half;
        }

        return from;
    }
}
