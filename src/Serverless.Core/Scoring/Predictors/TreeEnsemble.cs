using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serverless.Scoring.Predictors;

/// <summary>A sum of decision trees in flat arrays. Adds leaves in the order of the trees, in double, as LightGBM and FastTree do.</summary>
public sealed class TreeEnsemble : IBatchPredictor, IScorePredictor
{
    /// <summary>LightGBM takes values this close to zero as zero (kZeroThreshold).</summary>
    internal const float ZeroThreshold = 1e-35f;

    /// <summary>Rows after which a look-up table is made. A model that answers seldom starts sooner and stays smaller without.</summary>
    private const int RowsBeforeTable = 1_000;

    /// <summary>Rows that walk one tree before the next: their features stay in the cache.</summary>
    private const int BlockRows = 64;

    private readonly TreeNode[] nodes;
    private readonly double[] leaves;
    private readonly int[] roots;
    private readonly uint[] bits;
    private readonly double[] bias;
    private volatile LeafTable? table;
    private int asked;
    private int making;

    internal TreeEnsemble(TreeNode[] nodes, double[] leaves, int[] roots, uint[] bits, int outputs, int slots, Link link, double slope, double offset, double[] bias)
    {
        (this.nodes, this.leaves, this.roots, this.bits, this.bias) = (nodes, leaves, roots, bits, bias);
        (Outputs, Slots, Link, Slope, Offset) = (outputs, slots, link, slope, offset);
    }

    public string Format => TreesFormat.Name;

    public int Outputs { get; }

    /// <summary>Feature slots that it reads: 0 .. Slots - 1.</summary>
    public int Slots { get; }

    public int Trees => roots.Length;

    public Link Link { get; }

    public double Slope { get; }

    public double Offset { get; }

    internal ReadOnlySpan<TreeNode> Nodes => nodes;

    internal ReadOnlySpan<double> Leaves => leaves;

    internal ReadOnlySpan<int> Roots => roots;

    internal ReadOnlySpan<uint> Bits => bits;

    internal ReadOnlySpan<double> Bias => bias;

    public void Predict(ReadOnlySpan<float> features, Span<double> outputs)
    {
        Raw(features, outputs);
        Links.Apply(Link, Slope, Offset, outputs);
    }

    /// <inheritdoc/>
    public void Scores(ReadOnlySpan<float> features, Span<double> scores)
    {
        Raw(features, scores);
        if (Link is Link.Sigmoid or Link.NormalisedSigmoid) foreach (ref var score in scores[..Outputs]) score = Slope * score + Offset;
    }

    /// <summary>Sums of leaves, before the link.</summary>
    public void Raw(ReadOnlySpan<float> features, Span<double> outputs)
    {
        Check(features.Length, outputs.Length);
        bias.CopyTo(outputs);
        Span<double> sums = outputs[..Outputs];
        if (table is { } ready)
        {
            ready.Add(features, sums);
            return;
        }

        // Counted roughly: threads may lose each other's ones.
        if (++asked == RowsBeforeTable) ThreadPool.UnsafeQueueUserWorkItem(static trees => trees.MakeTable(), this, preferLocal: false);
        ref var first = ref MemoryMarshal.GetArrayDataReference(nodes);
        ref var feature = ref MemoryMarshal.GetReference(features);
        var (t, k) = (0, 0);
        // Four trees at a time: each step waits for memory, and the processor can wait for four at once.
        for (; t + 4 <= roots.Length; t += 4)
        {
            var (a, b, c, d) = (roots[t], roots[t + 1], roots[t + 2], roots[t + 3]);
            while ((a & b & c & d) >= 0)
            {
                if (a >= 0) a = Next(ref first, ref feature, a);
                if (b >= 0) b = Next(ref first, ref feature, b);
                if (c >= 0) c = Next(ref first, ref feature, c);
                if (d >= 0) d = Next(ref first, ref feature, d);
            }

            k = Add(sums, k, a);
            k = Add(sums, k, b);
            k = Add(sums, k, c);
            k = Add(sums, k, d);
        }

        for (; t < roots.Length; t++) k = Add(sums, k, Walk(ref first, ref feature, roots[t]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Add(Span<double> sums, int output, int leaf)
    {
        sums[output] += leaves[~leaf];
        return output + 1 == sums.Length ? 0 : output + 1;
    }

    public void PredictMany(ReadOnlySpan<float> features, int rows, int width, Span<double> outputs)
    {
        Check(width, outputs.Length / Math.Max(1, rows));
        if (rows >= RowsBeforeTable) MakeTable();
        if (table is { } ready)
        {
            for (var r = 0; r < rows; r++)
            {
                var row = outputs.Slice(r * Outputs, Outputs);
                bias.CopyTo(row);
                ready.Add(features.Slice(r * width, width), row);
                Links.Apply(Link, Slope, Offset, row);
            }

            return;
        }

        for (var start = 0; start < rows; start += BlockRows)
        {
            var count = Math.Min(BlockRows, rows - start);
            Block(features.Slice(start * width, count * width), count, width, outputs.Slice(start * Outputs, count * Outputs));
        }
    }

    // Optimised at once: a batch is often over before the runtime would think of it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Block(ReadOnlySpan<float> features, int rows, int width, Span<double> outputs)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(nodes);
        ref var feature = ref MemoryMarshal.GetReference(features);
        for (var r = 0; r < rows; r++) bias.CopyTo(outputs[(r * Outputs)..]);
        for (int t = 0, k = 0; t < roots.Length; t++, k = k + 1 == Outputs ? 0 : k + 1)
        {
            for (var r = 0; r < rows; r++) outputs[r * Outputs + k] += leaves[~Walk(ref first, ref Unsafe.Add(ref feature, r * width), roots[t])];
        }

        for (var r = 0; r < rows; r++) Links.Apply(Link, Slope, Offset, outputs.Slice(r * Outputs, Outputs));
    }

    /// <summary>The first trees of it, a multiple of the outputs.</summary>
    public TreeEnsemble Take(int trees) => trees == roots.Length ? this
        : trees > 0 && trees < roots.Length && trees % Outputs == 0 ? new TreeEnsemble(nodes, leaves, roots[..trees], bits, Outputs, Slots, Link, Slope, Offset, bias).Compact()
        : throw new ArgumentOutOfRangeException(nameof(trees), trees, $"of {roots.Length} trees for {Outputs} outputs");

    /// <summary>Adds what the trees from <paramref name="from"/> to before <paramref name="to"/> add, to sums without the link.</summary>
    internal void Add(ReadOnlySpan<float> features, int from, int to, Span<double> sums)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(nodes);
        ref var feature = ref MemoryMarshal.GetReference(features);
        for (var t = from; t < to; t++) sums[t % Outputs] += leaves[~Walk(ref first, ref feature, roots[t])];
    }

    // Without the nodes and leaves that no tree refers to any more. Trees stand one after the other.
    private TreeEnsemble Compact()
    {
        var (lastNode, lastLeaf) = (-1, -1);
        var open = new Stack<int>(roots);
        while (open.TryPop(out var at))
        {
            if (at < 0)
            {
                lastLeaf = Math.Max(lastLeaf, ~at);
                continue;
            }

            lastNode = Math.Max(lastNode, at);
            open.Push(nodes[at].Left);
            open.Push(nodes[at].Right);
        }

        return new TreeEnsemble(nodes[..(lastNode + 1)], leaves[..(lastLeaf + 1)], roots, bits, Outputs, Slots, Link, Slope, Offset, bias);
    }

    /// <summary>Answers by look-up from now on, where the trees allow it. Called again, it does nothing.</summary>
    internal void MakeTable()
    {
        if (Interlocked.Exchange(ref making, 1) == 0) table = LeafTable.TryBuild(this);
    }

    /// <summary>Answers by look-up.</summary>
    internal bool HasTable => table is not null;

    /// <summary>Which way a split sends a value: what the walk does, in plain words.</summary>
    internal bool GoesLeft(in TreeNode node, float x) => node.Kind switch
    {
        SplitKind.Number => x <= node.Threshold,
        SplitKind.NumberMissingLeft => !(x > node.Threshold),
        _ => Rare(in node, x),
    };

    /// <summary>Words of a set of categories.</summary>
    internal int SetWords(in TreeNode node) => (int)bits[BitConverter.SingleToInt32Bits(node.Threshold)];

    private void Check(int width, int places)
    {
        if (width < Slots) throw new ArgumentException($"a row of {width} features; the trees read {Slots}");
        if (places < Outputs) throw new ArgumentException($"{places} places for {Outputs} outputs");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Walk(ref TreeNode first, ref float feature, int at)
    {
        while (at >= 0) at = Next(ref first, ref feature, at);
        return at;
    }

    // The builder has checked that children exist and follow their parents, and Check that slots are there: the walk needs no bounds. The child is chosen by
    // arithmetic: which way a row goes cannot be foretold, and a wrong guess costs more than the whole step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Next(ref TreeNode first, ref float feature, int at)
    {
        ref var node = ref Unsafe.Add(ref first, at);
        var x = Unsafe.Add(ref feature, node.Slot);
        var kind = node.SlotAndKind >>> 24;
        if (kind > (int)SplitKind.NumberMissingLeft) return Rare(in node, x) ? node.Left : node.Right;
        int above = Unsafe.BitCast<bool, byte>(x > node.Threshold), within = Unsafe.BitCast<bool, byte>(x <= node.Threshold);
        // Neither above nor within is NaN, which goes right for kind 0 and left for kind 1.
        return Unsafe.Add(ref node.Left, above | ((1 ^ above ^ within) & (1 ^ kind)));
    }

    private bool Rare(in TreeNode node, float x)
    {
        switch (node.Kind)
        {
            case SplitKind.Category:
                return x == node.Threshold;
            case SplitKind.ZeroMissingLeft:
                return float.IsNaN(x) || MathF.Abs(x) <= ZeroThreshold || x <= node.Threshold;
            case SplitKind.ZeroMissingRight:
                return !(float.IsNaN(x) || MathF.Abs(x) <= ZeroThreshold) && x <= node.Threshold;
            default:
                var set = BitConverter.SingleToInt32Bits(node.Threshold);
                var category = float.IsNaN(x) || x < 0 || x >= int.MaxValue ? -1 : (int)x;
                var word = category >> 5;
                return category >= 0 && (uint)word < bits[set] && (bits[set + 1 + word] >> (category & 31) & 1) != 0;
        }
    }
}
