namespace Serverless.Drift.Multivariate;

/// <summary>
/// A small gradient boosting of trees on binned columns with logistic loss, as XGBoost's (Chen and Guestrin 2016, equations 5 to 7), to tell two samples apart. Depth 3, so
/// that it sees columns together; an unordered column is split by the order of its bins' means (Fisher 1958).
/// </summary>
internal sealed class BoostedTrees
{
    private const int Trees = 40;
    private const int Depth = 3;
    private const double Rate = 0.2;
    private const double Lambda = 1;
    private const double LeastWeight = 2;

    private readonly List<Tree> trees = [];

    private BoostedTrees(int columns) => Gains = new double[columns];

    /// <summary>How much each column's splits reduced the loss.</summary>
    public double[] Gains { get; }

    /// <param name="rows">Rows that are learned from.</param>
    /// <param name="labels">0 or 1 for every row of the columns.</param>
    public static BoostedTrees Fit(BinnedColumns columns, int[] rows, double[] labels, CancellationToken cancel)
    {
        var model = new BoostedTrees(columns.Of.Count);
        var scores = new double[labels.Length];
        var (gradients, weights) = (new double[labels.Length], new double[labels.Length]);
        for (var t = 0; t < Trees; t++)
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var row in rows)
            {
                var p = 1 / (1 + Math.Exp(-scores[row]));
                (gradients[row], weights[row]) = (p - labels[row], p * (1 - p));
            }

            var tree = model.Grow(columns, rows, gradients, weights);
            model.trees.Add(tree);
            foreach (var row in rows) scores[row] += tree.Value(columns, row);
        }

        return model;
    }

    public double Score(BinnedColumns columns, int row) => trees.Sum(t => t.Value(columns, row));

    private Tree Grow(BinnedColumns columns, int[] rows, double[] gradients, double[] weights)
    {
        var tree = new Tree();
        var node = new int[rows.Length]; // of each row, numbered as in a heap
        for (var level = 0; level < Depth; level++)
        {
            var (first, count) = ((1 << level) - 1, 1 << level);
            var best = new Split?[columns.Of.Count][];
            Parallel.For(0, columns.Of.Count, c => best[c] = Splits(columns, c, rows, node, first, count, gradients, weights));
            for (var k = 0; k < count; k++)
            {
                // In the order of the columns, so that the answer does not depend on the threads.
                var split = best.Select(b => b[k]).OfType<Split>().Aggregate((Split?)null, (a, b) => a is null || b.Gain > a.Gain ? b : a);
                if (split is null) continue;
                tree.Splits[first + k] = split;
                Gains[split.Column] += split.Gain;
            }

            for (var i = 0; i < rows.Length; i++)
            {
                if (node[i] >= first && tree.Splits[node[i]] is { } split) node[i] = (2 * node[i]) + (split.GoesLeft(columns.Of[split.Column][rows[i]]) ? 1 : 2);
            }
        }

        var (sums, hessians) = (new double[Tree.Nodes], new double[Tree.Nodes]);
        for (var i = 0; i < rows.Length; i++)
        {
            sums[node[i]] += gradients[rows[i]];
            hessians[node[i]] += weights[rows[i]];
        }

        for (var k = 0; k < Tree.Nodes; k++) tree.Leaves[k] = -Rate * sums[k] / (hessians[k] + Lambda);
        return tree;
    }

    /// <summary>The best split of one column for each node of a level, or null.</summary>
    private static Split?[] Splits(BinnedColumns columns, int column, int[] rows, int[] node, int first, int count, double[] gradients, double[] weights)
    {
        var bins = columns.Of[column];
        var (g, h) = (new double[count * BinnedColumns.Bins], new double[count * BinnedColumns.Bins]);
        for (var i = 0; i < rows.Length; i++)
        {
            if (node[i] < first) continue; // in a leaf already
            var at = ((node[i] - first) * BinnedColumns.Bins) + bins[rows[i]];
            g[at] += gradients[rows[i]];
            h[at] += weights[rows[i]];
        }

        var best = new Split?[count];
        for (var k = 0; k < count; k++)
        {
            var sums = g.AsSpan(k * BinnedColumns.Bins, BinnedColumns.Bins);
            var hessians = h.AsSpan(k * BinnedColumns.Bins, BinnedColumns.Bins);
            best[k] = columns.Ordered[column] ? Better(Scan(column, sums, hessians, InOrder), Scan(column, sums, hessians, InOrderMissingLast)) : Scan(column, sums, hessians, ByMean(sums, hessians));
        }

        return best;
    }

    private static readonly int[] InOrder = [.. Enumerable.Range(0, BinnedColumns.Bins)];

    private static readonly int[] InOrderMissingLast = [.. Enumerable.Range(1, BinnedColumns.Bins - 1), 0];

    private static int[] ByMean(ReadOnlySpan<double> sums, ReadOnlySpan<double> hessians)
    {
        var means = new double[BinnedColumns.Bins];
        for (var b = 0; b < means.Length; b++) means[b] = hessians[b] > 0 ? sums[b] / (hessians[b] + Lambda) : 0;
        return [.. InOrder.OrderBy(b => means[b])];
    }

    private static Split? Better(Split? a, Split? b) => a is null || b?.Gain > a.Gain ? b : a;

    private static Split? Scan(int column, ReadOnlySpan<double> sums, ReadOnlySpan<double> hessians, int[] order)
    {
        double g = 0, h = 0, left = 0, leftWeight = 0;
        foreach (var b in order) (g, h) = (g + sums[b], h + hessians[b]);
        var whole = g * g / (h + Lambda);
        Split? best = null;
        uint mask = 0;
        foreach (var b in order)
        {
            (left, leftWeight) = (left + sums[b], leftWeight + hessians[b]);
            mask |= 1u << b;
            var (right, rightWeight) = (g - left, h - leftWeight);
            if (leftWeight < LeastWeight || rightWeight < LeastWeight) continue;
            var gain = (left * left / (leftWeight + Lambda)) + (right * right / (rightWeight + Lambda)) - whole;
            if (gain > 1e-9 && gain > (best?.Gain ?? 0)) best = new Split(column, mask, gain);
        }

        return best;
    }

    /// <param name="Left">One bit for each bin that goes left.</param>
    private sealed record Split(int Column, uint Left, double Gain)
    {
        public bool GoesLeft(byte bin) => (Left >> bin & 1) != 0;
    }

    private sealed class Tree
    {
        public const int Nodes = (1 << (Depth + 1)) - 1;

        public Split?[] Splits { get; } = new Split?[Nodes];

        public double[] Leaves { get; } = new double[Nodes];

        public double Value(BinnedColumns columns, int row)
        {
            var node = 0;
            while (Splits[node] is { } split) node = (2 * node) + (split.GoesLeft(columns.Of[split.Column][row]) ? 1 : 2);
            return Leaves[node];
        }
    }
}
