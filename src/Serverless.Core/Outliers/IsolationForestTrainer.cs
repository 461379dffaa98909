namespace Serverless.Outliers;

/// <summary>Grows an isolation forest: each tree from its own rows, drawn without replacement, by cuts at random places of random values that are not the same in all of them.</summary>
internal static class IsolationForestTrainer
{
    /// <param name="rows">Row after row, without NaN.</param>
    /// <param name="width">Values of a row.</param>
    public static IsolationForest Fit(float[] rows, int width, int trees, int sample, int seed)
    {
        var count = rows.Length / width;
        sample = Math.Min(sample, count);
        var limit = (int)Math.Ceiling(Math.Log2(Math.Max(2, sample)));
        var random = new Random(seed);
        var grower = new Grower(rows, width, limit, random);
        var roots = new int[trees];
        for (var tree = 0; tree < trees; tree++) roots[tree] = grower.Tree(Draw(count, sample, random));
        return grower.Forest(roots, sample);
    }

    // Robert Floyd's: k of n without a list of n.
    private static int[] Draw(int count, int sample, Random random)
    {
        var chosen = new HashSet<int>(sample);
        var drawn = new int[sample];
        for (var (i, j) = (0, count - sample); j < count; i++, j++)
        {
            var pick = random.Next(j + 1);
            drawn[i] = chosen.Add(pick) ? pick : j;
            chosen.Add(drawn[i]);
        }

        return drawn;
    }

    private sealed class Grower(float[] rows, int width, int limit, Random random)
    {
        private readonly List<int> features = [], children = [];
        private readonly List<float> cuts = [];
        private readonly int[] order = [.. Enumerable.Range(0, width)];

        public int Tree(int[] drawn)
        {
            var root = Add();
            Grow(root, drawn, 0);
            return root;
        }

        public IsolationForest Forest(int[] roots, int sample) => new([.. features], [.. cuts], [.. children], roots, sample);

        private void Grow(int node, Span<int> drawn, int depth)
        {
            if (depth >= limit || drawn.Length <= 1 || Choose(drawn) is not { } chosen)
            {
                (features[node], cuts[node]) = (IsolationForest.Leaf, (float)(depth + IsolationForest.AveragePath(drawn.Length)));
                return;
            }

            var (feature, cut) = chosen;
            var left = 0;
            for (var i = 0; i < drawn.Length; i++)
            {
                if (rows[drawn[i] * width + feature] > cut) continue;
                (drawn[left], drawn[i]) = (drawn[i], drawn[left]);
                left++;
            }

            var first = Add();
            Add();
            (features[node], cuts[node], children[node]) = (feature, cut, first);
            Grow(first, drawn[..left], depth + 1);
            Grow(first + 1, drawn[left..], depth + 1);
        }

        /// <summary>A value that differs among the rows, and a place between its least and its greatest; null when all rows are the same.</summary>
        private (int Feature, float Cut)? Choose(ReadOnlySpan<int> drawn)
        {
            for (var left = width; left > 0; left--)
            {
                var pick = random.Next(left);
                var feature = order[pick];
                (order[pick], order[left - 1]) = (order[left - 1], feature);
                float min = float.PositiveInfinity, max = float.NegativeInfinity;
                foreach (var row in drawn)
                {
                    var value = rows[row * width + feature];
                    (min, max) = (Math.Min(min, value), Math.Max(max, value));
                }

                if (min >= max) continue;
                var cut = (float)(min + random.NextDouble() * ((double)max - min));
                return (feature, cut < max ? cut : min); // rounding up to the greatest would part nothing
            }

            return null;
        }

        private int Add()
        {
            features.Add(IsolationForest.Leaf);
            cuts.Add(0);
            children.Add(0);
            return features.Count - 1;
        }
    }
}
