using System.Buffers;
using Serverless.Datasets;
using Serverless.Explanations.Trees;
using Serverless.Scoring.Predictors;

namespace Serverless.Explanations.Methods;

/// <summary>
/// TreeSHAP as LightGBM's <c>predict_contrib</c> computes it (Lundberg, Erion, Lee, "Consistent individualized feature attribution for tree ensembles", 2018, algorithm 2):
/// where a column is not known, a row goes down both ways in the proportion of the training rows. The players are LightGBM's own columns; what they get is added up for each slot,
/// and a slot over several raw columns is shared equally among them.
/// </summary>
internal sealed class PathDependentTrees : IExplanationMethod
{
    public string Name => "path-dependent";

    public int? Rank(ExplanationSetup setup) => 0;

    public string? Obstacle(ExplanationSetup setup) =>
        setup.Pipeline.Predictor is LightGbmPredictor ? null : "it needs the numbers of training rows in each node, which only models of LightGBM keep";

    public IRowExplainer Prepare(ExplanationSetup setup) => new Prepared(setup);

    internal sealed class Prepared : IRowExplainer
    {
        private readonly TreeModel model;
        private readonly TreeEnsemble trees;
        private readonly ColumnGame game;
        private readonly TreeCovers covers;
        private readonly int[] players;
        private readonly double[] expected;
        private readonly int depth;

        public Prepared(ExplanationSetup setup)
        {
            model = TreeModel.Of(setup.Pipeline.Predictor)!;
            (trees, game) = (model.Ensemble, setup.Game);
            covers = TreeCovers.Of(setup.Pipeline.Predictor)!;
            players = Players(trees);
            expected = new double[trees.Outputs];
            for (var k = 0; k < expected.Length; k++) expected[k] = model.Fixed(k);
            for (var t = 0; t < trees.Trees; t++)
            {
                expected[t % trees.Outputs] += model.Scale * Mean(trees.Roots[t]);
                depth = Math.Max(depth, Depth(trees.Roots[t]));
            }
        }

        public bool Exact => true;

        public double Baseline(int output) => expected[output];

        public void Explain(RawRow row, ReadOnlySpan<float> features, int output, Attribution into)
        {
            into.Clear();
            var slots = into.Slots.AsSpan();
            Contribute(features, output, slots);
            into.HasSlots = true;
            into.Baseline = expected[output];
            var score = expected[output];
            foreach (var value in slots) score += value;
            into.Score = score;
            game.ShareSlots(slots, into.Columns);
        }

        /// <summary>Adds the contribution of each slot.</summary>
        internal void Contribute(ReadOnlySpan<float> features, int output, Span<double> slots)
        {
            // A path of d splits keeps d + 1 elements at each of d + 1 levels; below them lies the copy that the level above works on.
            var paths = ArrayPool<Element>.Shared.Rent((depth + 2) * (depth + 3) / 2 + depth + 2);
            for (var t = output; t < trees.Trees; t += trees.Outputs)
            {
                if (trees.Roots[t] >= 0) Recurse(features, slots, trees.Roots[t], 0, paths, 0, 1, 1, -1, 0);
            }

            ArrayPool<Element>.Shared.Return(paths);
        }

        private void Recurse(ReadOnlySpan<float> features, Span<double> slots, int at, int length, Element[] paths, int parent, double zero, double one, int player, int slot)
        {
            var start = parent + length;
            paths.AsSpan(parent, length).CopyTo(paths.AsSpan(start));
            var path = paths.AsSpan(start, length + 1);
            Extend(path, length, zero, one, player, slot);
            if (at < 0)
            {
                var leaf = model.Scale * trees.Leaves[~at];
                for (var i = 1; i <= length; i++)
                {
                    ref var e = ref path[i];
                    slots[e.Slot] += UnwoundSum(path, length, i) * (e.One - e.Zero) * leaf;
                }

                return;
            }

            var node = trees.Nodes[at];
            var (hot, cold) = trees.GoesLeft(in node, features[node.Slot]) ? (node.Left, node.Right) : (node.Right, node.Left);
            var total = covers.Nodes[at];
            var (incomingZero, incomingOne) = (1.0, 1.0);
            var mine = players[at];
            for (var i = 1; i <= length; i++)
            {
                if (path[i].Player != mine) continue;
                (incomingZero, incomingOne) = (path[i].Zero, path[i].One);
                Unwind(path, length, i);
                length--;
                break;
            }

            Recurse(features, slots, hot, length + 1, paths, start, Cover(hot) / total * incomingZero, incomingOne, mine, node.Slot);
            Recurse(features, slots, cold, length + 1, paths, start, Cover(cold) / total * incomingZero, 0, mine, node.Slot);
        }

        private static void Extend(Span<Element> path, int length, double zero, double one, int player, int slot)
        {
            path[length] = new Element { Player = player, Slot = slot, Zero = zero, One = one, Weight = length == 0 ? 1 : 0 };
            var scale = 1.0 / (length + 1);
            for (var i = length - 1; i >= 0; i--)
            {
                path[i + 1].Weight += one * path[i].Weight * (i + 1) * scale;
                path[i].Weight = zero * path[i].Weight * (length - i) * scale;
            }
        }

        private static void Unwind(Span<Element> path, int length, int index)
        {
            var (zero, one) = (path[index].Zero, path[index].One);
            var next = path[length].Weight;
            for (var i = length - 1; i >= 0; i--)
            {
                if (one != 0)
                {
                    var weight = path[i].Weight;
                    path[i].Weight = next * (length + 1) / ((i + 1) * one);
                    next = weight - path[i].Weight * zero * (length - i) / (length + 1);
                }
                else
                {
                    path[i].Weight = path[i].Weight * (length + 1) / (zero * (length - i));
                }
            }

            for (var i = index; i < length; i++)
            {
                (path[i].Player, path[i].Slot, path[i].Zero, path[i].One) = (path[i + 1].Player, path[i + 1].Slot, path[i + 1].Zero, path[i + 1].One);
            }
        }

        private static double UnwoundSum(ReadOnlySpan<Element> path, int length, int index)
        {
            var (zero, one) = (path[index].Zero, path[index].One);
            var total = 0.0;
            if (one != 0)
            {
                var next = path[length].Weight;
                for (var i = length - 1; i >= 0; i--)
                {
                    var weight = next / ((i + 1) * one);
                    total += weight;
                    next = path[i].Weight - weight * zero * (length - i);
                }
            }
            else if (zero != 0)
            {
                for (var i = length - 1; i >= 0; i--) total += path[i].Weight / (zero * (length - i));
            }

            return total * (length + 1);
        }

        private double Cover(int child) => child >= 0 ? covers.Nodes[child] : covers.Leaves[~child];

        private double Mean(int at)
        {
            if (at < 0) return trees.Leaves[~at];
            var node = trees.Nodes[at];
            return (Cover(node.Left) * Mean(node.Left) + Cover(node.Right) * Mean(node.Right)) / covers.Nodes[at];
        }

        private int Depth(int at) => at < 0 ? 0 : 1 + Math.Max(Depth(trees.Nodes[at].Left), Depth(trees.Nodes[at].Right));

        // A 0/1 column of LightGBM is a slot with one category; all other columns are slots.
        private static int[] Players(TreeEnsemble trees)
        {
            var found = new Dictionary<(int, float), int>();
            var players = new int[trees.Nodes.Length];
            for (var i = 0; i < players.Length; i++)
            {
                var node = trees.Nodes[i];
                var key = (node.Slot, node.Kind == SplitKind.Category ? node.Threshold : -1);
                if (!found.TryGetValue(key, out var player)) found[key] = player = found.Count;
                players[i] = player;
            }

            return players;
        }

        private struct Element
        {
            public int Player;
            public int Slot;
            public double Zero;
            public double One;
            public double Weight;
        }
    }
}
