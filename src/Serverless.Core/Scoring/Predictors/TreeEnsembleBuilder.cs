namespace Serverless.Scoring.Predictors;

/// <summary>Collects trees node by node; <see cref="Build"/> checks them and gives the ensemble.</summary>
public sealed class TreeEnsembleBuilder(int outputs)
{
    private readonly List<TreeNode> nodes = [];
    private readonly List<double> leaves = [];
    private readonly List<int> roots = [];
    private readonly List<uint> bits = [];
    private int highestSlot = -1;

    public Link Link { get; set; }

    /// <summary>Multiplies a score before the sigmoid.</summary>
    public double Slope { get; set; } = 1;

    /// <summary>Added to the score after the slope, before the sigmoid.</summary>
    public double Offset { get; set; }

    /// <summary>Added to each output's sum of leaves.</summary>
    public double[] Bias { get; set; } = new double[outputs];

    /// <summary>Place of the next node: children refer to nodes by it, to leaves by ~<see cref="AddLeaf"/>.</summary>
    public int NextNode => nodes.Count;

    public int NextLeaf => leaves.Count;

    public int AddLeaf(double value)
    {
        leaves.Add(value);
        return leaves.Count - 1;
    }

    /// <summary>Left if the value is at most the threshold.</summary>
    public void AddNumber(int slot, double threshold, bool missingLeft, int left, int right) =>
        Add(slot, missingLeft ? SplitKind.NumberMissingLeft : SplitKind.Number, FloorToFloat(threshold), left, right);

    /// <summary>As <see cref="AddNumber"/>, with zero taken as missing.</summary>
    public void AddZeroMissing(int slot, double threshold, bool missingLeft, int left, int right) =>
        Add(slot, missingLeft ? SplitKind.ZeroMissingLeft : SplitKind.ZeroMissingRight, FloorToFloat(threshold), left, right);

    /// <summary>Left if the slot's category is this one.</summary>
    public void AddCategory(int slot, int category, int left, int right) => Add(slot, SplitKind.Category, category, left, right);

    /// <summary>Left if the slot's category is in the set, given as bits of 32-bit words.</summary>
    public void AddCategories(int slot, ReadOnlySpan<uint> set, int left, int right)
    {
        var offset = bits.Count;
        bits.Add((uint)set.Length);
        foreach (var word in set) bits.Add(word);
        Add(slot, SplitKind.Categories, BitConverter.Int32BitsToSingle(offset), left, right);
    }

    /// <summary>Ends a tree. Trees go round the outputs: tree i adds to output i modulo their number.</summary>
    /// <param name="root">Node, or ~leaf for a tree without splits.</param>
    public void AddTree(int root) => roots.Add(root);

    /// <exception cref="InvalidDataException">A child that does not exist, a loop, or a number of trees that does not divide by the outputs.</exception>
    public TreeEnsemble Build()
    {
        if (roots.Count % outputs != 0) throw new InvalidDataException($"{roots.Count} trees do not divide by {outputs} outputs");
        foreach (var root in roots) CheckChild(root, -1);
        for (var i = 0; i < nodes.Count; i++)
        {
            CheckChild(nodes[i].Left, i);
            CheckChild(nodes[i].Right, i);
            CheckSet(nodes[i]);
        }

        return new TreeEnsemble([.. nodes], [.. leaves], [.. roots], [.. bits], outputs, highestSlot + 1, Link, Slope, Offset, Bias);
    }

    /// <summary>Takes the arrays of a stored ensemble; <see cref="Build"/> checks them like any other.</summary>
    internal void Restore(int[] nodeFields, double[] leafValues, int[] treeRoots, int[] sets)
    {
        for (var i = 0; i + 3 < nodeFields.Length; i += 4)
        {
            var node = new TreeNode
            {
                Threshold = BitConverter.Int32BitsToSingle(nodeFields[i]),
                SlotAndKind = nodeFields[i + 1],
                Left = nodeFields[i + 2],
                Right = nodeFields[i + 3],
            };
            highestSlot = Math.Max(highestSlot, node.Slot);
            nodes.Add(node);
        }

        leaves.AddRange(leafValues);
        roots.AddRange(treeRoots);
        bits.AddRange(sets.Select(s => (uint)s));
    }

    private void Add(int slot, SplitKind kind, float threshold, int left, int right)
    {
        if (slot is < 0 or > 0xFFFFFF) throw new InvalidDataException($"slot {slot} is out of range");
        highestSlot = Math.Max(highestSlot, slot);
        nodes.Add(new TreeNode { Threshold = threshold, SlotAndKind = slot | ((int)kind << 24), Left = left, Right = right });
    }

    // Children follow their parent in every format that we read, so a walk always ends.
    private void CheckChild(int child, int parent)
    {
        if (child >= 0 ? child >= nodes.Count || child <= parent : ~child >= leaves.Count) throw new InvalidDataException($"node {parent} refers to a child that is not there");
    }

    private void CheckSet(TreeNode node)
    {
        if (node.Kind > SplitKind.Categories) throw new InvalidDataException($"kind {(int)node.Kind} of a split is not known");
        if (node.Kind != SplitKind.Categories) return;
        var offset = BitConverter.SingleToInt32Bits(node.Threshold);
        if (offset < 0 || offset >= bits.Count || offset + 1 + bits[offset] > bits.Count) throw new InvalidDataException("a split refers to a set of categories that is not there");
    }

    private static float FloorToFloat(double threshold)
    {
        var f = (float)threshold;
        return f > threshold ? MathF.BitDecrement(f) : f;
    }
}
