using Serverless.Datasets;
using Serverless.Scoring.Predictors;

namespace Serverless.Explanations.Trees;

/// <summary>
/// Trees with features over several raw columns, or with very many columns: each pair of row and background row goes down each tree, and where the way depends on which of the two a
/// column comes from, both ways are gone. Exact for any feature, because a feature's value is known for every mixture of its columns.
/// </summary>
internal sealed class PairWalk(TreeModel model, ColumnGame game, Background background, int rows, int[] which)
{
    private readonly ShapleyWeights weights = new(game.Players + 1);

    public void Add(RawRow row, ReadOnlySpan<float> features, int output, Span<double> columns)
    {
        // Rare, so it may allocate once for each explained row.
        var values = game.NewMixtureValues();
        var (scratch, mixed) = (game.Plan.Schema.NewRow(), new float[game.Slots]);
        var state = new Sources[game.Players];
        var chosen = new int[game.Players];
        for (var r = 0; r < rows; r++)
        {
            if (values.Length > 0) game.Mix(row, background.Rows[r], scratch, mixed, values);
            var pair = new Pair(model.Ensemble, game, features, background.Row(r), values, state, chosen, columns, weights, model.Scale / rows);
            foreach (var tree in which)
            {
                if (tree % model.Ensemble.Outputs == output) pair.Walk(model.Ensemble.Roots[tree], 0, 0, 0);
            }
        }
    }

    private enum Sources : byte { Either, Row, Background }

    private readonly ref struct Pair(
        TreeEnsemble trees, ColumnGame game, ReadOnlySpan<float> row, ReadOnlySpan<float> other, float[][] mixtures, Sources[] state, int[] chosen, Span<double> columns, ShapleyWeights weights, double share)
    {
        private readonly ReadOnlySpan<float> row = row;
        private readonly ReadOnlySpan<float> other = other;
        private readonly Span<double> columns = columns;

        /// <param name="fromRow">Columns decided so far that have to come from the row.</param>
        /// <param name="fromOther">... from the background row.</param>
        /// <param name="count">Both together: the first so many of <c>chosen</c>.</param>
        public void Walk(int at, int fromRow, int fromOther, int count)
        {
            while (at >= 0)
            {
                ref readonly var node = ref trees.Nodes[at];
                var undecided = Way(in node, out var left);
                if (undecided < 0)
                {
                    at = left ? node.Left : node.Right;
                    continue;
                }

                chosen[count] = undecided;
                state[undecided] = Sources.Row;
                Walk(at, fromRow + 1, fromOther, count + 1);
                state[undecided] = Sources.Background;
                Walk(at, fromRow, fromOther + 1, count + 1);
                state[undecided] = Sources.Either;
                return;
            }

            var leaf = share * trees.Leaves[~at];
            for (var i = 0; i < count; i++)
            {
                columns[chosen[i]] += state[chosen[i]] == Sources.Row ? leaf * weights.Inside(fromRow, fromOther) : -leaf * weights.Outside(fromRow, fromOther);
            }
        }

        /// <summary>-1 when all mixtures that are left go one way; otherwise a column on which the way depends.</summary>
        private int Way(in TreeNode node, out bool left)
        {
            var slot = node.Slot;
            if (game.MixtureOf[slot] is >= 0 and var m) return WayOfMixture(in node, m, out left);
            var column = game.Single[slot];
            left = trees.GoesLeft(in node, column >= 0 && state[column] == Sources.Background ? other[slot] : row[slot]);
            return column < 0 || state[column] != Sources.Either || trees.GoesLeft(in node, other[slot]) == left ? -1 : column;
        }

        private int WayOfMixture(in TreeNode node, int m, out bool left)
        {
            var mixture = game.Mixtures[m];
            var place = mixture.Place(node.Slot);
            var (known, free, open) = (0, 0, -1);
            for (var j = 0; j < mixture.Columns.Length; j++)
            {
                var source = state[mixture.Columns[j]];
                if (source == Sources.Row) known |= 1 << j;
                if (source != Sources.Either) continue;
                free |= 1 << j;
                if (open < 0) open = mixture.Columns[j];
            }

            left = trees.GoesLeft(in node, mixtures[m][known * mixture.Slots.Length + place]);
            // Every subset of the free bits but the empty one.
            for (var mask = free; mask > 0; mask = (mask - 1) & free)
            {
                if (trees.GoesLeft(in node, mixtures[m][(known | mask) * mixture.Slots.Length + place]) != left) return open;
            }

            return -1;
        }
    }
}
