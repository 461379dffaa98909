using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serverless.Scoring.Predictors;

/// <summary>A sum of decision trees in flat arrays. Adds leaves in the order of the trees, in double, as LightGBM and FastTree do.</summary>
public sealed class TreeEnsemble : IBatchPredictor
{
    /// <summary>LightGBM takes values this close to zero as zero (kZeroThreshold).</summary>
    private const float ZeroThreshold = 1e-35f;

    /// <summary>Rows that walk one tree before the next: their features stay in the cache.</summary>
    private const int BlockRows = 64;

    private readonly TreeNode[] nodes;
    private readonly double[] leaves;
    private readonly int[] roots;
    private readonly uint[] bits;
    private readonly double[] bias;
    private readonly bool simple;

    internal TreeEnsemble(TreeNode[] nodes, double[] leaves, int[] roots, uint[] bits, int outputs, int slots, Link link, double slope, double offset, double[] bias)
    {
        (this.nodes, this.leaves, this.roots, this.bits, this.bias) = (nodes, leaves, roots, bits, bias);
        (Outputs, Slots, Link, Slope, Offset) = (outputs, slots, link, slope, offset);
        simple = nodes.All(n => n.Kind == SplitKind.Number);
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

    /// <summary>Sums of leaves, before the link.</summary>
    public void Raw(ReadOnlySpan<float> features, Span<double> outputs)
    {
        Check(features.Length, outputs.Length);
        bias.CopyTo(outputs);
        if (Outputs == 1)
        {
            var sum = bias[0];
            foreach (var root in roots) sum += leaves[Leaf(root, features)];
            outputs[0] = sum;
            return;
        }

        for (int t = 0, k = 0; t < roots.Length; t++, k = k + 1 == Outputs ? 0 : k + 1) outputs[k] += leaves[Leaf(roots[t], features)];
    }

    public void PredictMany(ReadOnlySpan<float> features, int rows, int width, Span<double> outputs)
    {
        Check(width, outputs.Length / Math.Max(1, rows));
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
        for (var r = 0; r < rows; r++) bias.CopyTo(outputs[(r * Outputs)..]);
        for (int t = 0, k = 0; t < roots.Length; t++, k = k + 1 == Outputs ? 0 : k + 1)
        {
            for (var r = 0; r < rows; r++) outputs[r * Outputs + k] += leaves[Leaf(roots[t], features.Slice(r * width, width))];
        }

        for (var r = 0; r < rows; r++) Links.Apply(Link, Slope, Offset, outputs.Slice(r * Outputs, Outputs));
    }

    private void Check(int width, int places)
    {
        if (width < Slots) throw new ArgumentException($"a row of {width} features; the trees read {Slots}");
        if (places < Outputs) throw new ArgumentException($"{places} places for {Outputs} outputs");
    }

    // The builder has checked that children exist and follow their parents, and Check that slots are there: the walk needs no bounds.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Leaf(int at, ReadOnlySpan<float> features)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(nodes);
        ref var feature = ref MemoryMarshal.GetReference(features);
        if (simple)
        {
            while (at >= 0)
            {
                ref var node = ref Unsafe.Add(ref first, at);
                at = Unsafe.Add(ref feature, node.SlotAndKind) <= node.Threshold ? node.Left : node.Right;
            }

            return ~at;
        }

        while (at >= 0)
        {
            ref var node = ref Unsafe.Add(ref first, at);
            var x = Unsafe.Add(ref feature, node.Slot);
            at = (node.Kind switch
            {
                SplitKind.Number => x <= node.Threshold,
                SplitKind.NumberMissingLeft => !(x > node.Threshold),
                _ => Rare(in node, x),
            }) ? node.Left : node.Right;
        }

        return ~at;
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
