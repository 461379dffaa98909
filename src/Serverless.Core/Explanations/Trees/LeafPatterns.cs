using System.Numerics;
using System.Runtime.CompilerServices;
using Serverless.Scoring.Predictors;

namespace Serverless.Explanations.Trees;

/// <summary>
/// One tree against its background. For each leaf: the sets of columns at which background rows leave the leaf's path, each with its number of rows. Columns are bits, numbered within the tree.
/// </summary>
internal sealed class LeafPatterns
{
    private readonly TreeEnsemble trees;
    private readonly int root;
    private readonly int[] nodes;
    private readonly int first;
    private readonly ulong[] bits;
    private readonly int[] players;
    private readonly int[] leaves;
    private readonly int[] starts;
    private readonly ulong[] masks;
    private readonly double[] shares;
    private readonly ShapleyWeights weights;

    private LeafPatterns(TreeModel model, int tree, int[] nodes, ulong[] bits, int[] players, int[] leaves, int[] starts, ulong[] masks, double[] shares, ShapleyWeights weights)
    {
        (trees, root, this.nodes, this.bits, this.players) = (model.Ensemble, model.Ensemble.Roots[tree], nodes, bits, players);
        (this.leaves, this.starts, this.masks, this.shares, this.weights) = (leaves, starts, masks, shares, weights);
        first = nodes.Length > 0 ? nodes[0] : 0;
    }

    /// <summary>Null when the tree has features over several columns, or splits on more than 64 columns: these are walked pair by pair.</summary>
    public static LeafPatterns? TryBuild(TreeModel model, int tree, ColumnGame game, Background background, int rows, ShapleyWeights weights)
    {
        var (trees, nodes) = (model.Ensemble, model.Nodes[tree]);
        // A slot without a column is a constant: it fails for nobody, or for both, and has no bit.
        if (nodes.Any(n => game.SlotColumns[trees.Nodes[n].Slot].Length > 1)) return null;
        var players = nodes.Select(n => game.Single[trees.Nodes[n].Slot]).Where(p => p >= 0).Distinct().ToArray();
        if (players.Length > 64 || nodes.Length > 0 && nodes[^1] - nodes[0] + 1 != nodes.Length) return null;
        var bits = nodes.Select(n => game.Single[trees.Nodes[n].Slot] is >= 0 and var p ? 1UL << Array.IndexOf(players, p) : 0).ToArray();
        var leaves = nodes.SelectMany(n => new[] { trees.Nodes[n].Left, trees.Nodes[n].Right }).Where(c => c < 0).Select(c => ~c).ToArray();
        var groups = leaves.Select(_ => new SortedDictionary<ulong, int>()).ToArray();
        var place = leaves.Select((leaf, i) => (leaf, i)).ToDictionary(l => l.leaf, l => l.i);
        var failed = new ulong[nodes.Length];
        for (var r = 0; r < rows; r++)
        {
            var features = background.Row(r);
            Array.Clear(failed);
            for (var i = 0; i < nodes.Length; i++)
            {
                var node = trees.Nodes[nodes[i]];
                var left = trees.GoesLeft(in node, features[node.Slot]);
                Pass(node.Left, left ? failed[i] : failed[i] | bits[i]);
                Pass(node.Right, left ? failed[i] | bits[i] : failed[i]);
            }
        }

        void Pass(int child, ulong mask)
        {
            if (child >= 0) failed[child - nodes[0]] = mask;
            else groups[place[~child]][mask] = groups[place[~child]].GetValueOrDefault(mask) + 1;
        }

        var starts = new int[leaves.Length + 1];
        for (var l = 0; l < leaves.Length; l++) starts[l + 1] = starts[l] + groups[l].Count;
        var shares = groups.SelectMany((g, l) => g.Values.Select(count => model.Scale * trees.Leaves[leaves[l]] * count / rows)).ToArray();
        return new LeafPatterns(model, tree, nodes, bits, players, leaves, starts, [.. groups.SelectMany(g => g.Keys)], shares, weights);
    }

    /// <summary>Adds what each column does to the tree's part of the score.</summary>
    /// <param name="failed">Scratch: a place for each node of the tree.</param>
    public void Add(ReadOnlySpan<float> features, ulong[] failed, Span<double> columns)
    {
        if (root < 0) return;
        Span<double> sums = stackalloc double[64];
        sums = sums[..players.Length];
        sums.Clear();
        failed[0] = 0;
        var leaf = 0;
        var all = trees.Nodes;
        for (var i = 0; i < nodes.Length; i++)
        {
            ref readonly var node = ref all[first + i];
            var (mask, bit) = (failed[i], bits[i]);
            var (left, right) = trees.GoesLeft(in node, features[node.Slot]) ? (mask, mask | bit) : (mask | bit, mask);
            // Leaves are numbered as their parents come, left before right.
            if (node.Left >= 0) failed[node.Left - first] = left;
            else Leaf(leaf++, left, sums);
            if (node.Right >= 0) failed[node.Right - first] = right;
            else Leaf(leaf++, right, sums);
        }

        for (var p = 0; p < players.Length; p++) columns[players[p]] += sums[p];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Leaf(int leaf, ulong row, Span<double> sums)
    {
        var b = BitOperations.PopCount(row);
        var taken = 0.0;
        var end = starts[leaf + 1];
        for (var g = starts[leaf]; g < end; g++)
        {
            var other = masks[g];
            // A column at which both leave the path: no mixture comes here.
            if ((other & row) != 0) continue;
            var a = BitOperations.PopCount(other);
            var share = shares[g];
            taken += share * weights.Outside(a, b);
            var given = share * weights.Inside(a, b);
            while (other != 0)
            {
                sums[BitOperations.TrailingZeroCount(other)] += given;
                other &= other - 1;
            }
        }

        while (row != 0)
        {
            sums[BitOperations.TrailingZeroCount(row)] -= taken;
            row &= row - 1;
        }
    }
}
