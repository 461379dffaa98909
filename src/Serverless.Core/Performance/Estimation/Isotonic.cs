namespace Serverless.Performance;

/// <summary>
/// Isotonic regression by pooling adjacent violators (Ayer and others 1955), with linear interpolation between its steps and the end values beyond them, as scikit-learn's
/// <c>IsotonicRegression(out_of_bounds="clip")</c> has it. Equal scores are pooled first.
/// </summary>
internal sealed class Isotonic
{
    private readonly double[] at;
    private readonly double[] level;

    private Isotonic(double[] at, double[] level) => (this.at, this.level) = (at, level);

    public static Isotonic Fit(ReadOnlySpan<double> scores, ReadOnlySpan<double> truth)
    {
        var keys = scores.ToArray();
        var values = truth.ToArray();
        Array.Sort(keys, values);
        var (xs, means, weights) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < keys.Length;)
        {
            var (from, sum) = (i, 0.0);
            for (; i < keys.Length && keys[i] == keys[from]; i++) sum += values[i];
            xs.Add(keys[from]);
            means.Add(sum / (i - from));
            weights.Add(i - from);
        }

        // Blocks of pooled scores: mean, weight, and how many scores they hold.
        var (blocks, heavy, sizes) = (new List<double>(), new List<double>(), new List<int>());
        for (var i = 0; i < xs.Count; i++)
        {
            var (mean, weight, size) = (means[i], weights[i], 1);
            while (blocks.Count > 0 && blocks[^1] >= mean)
            {
                mean = ((blocks[^1] * heavy[^1]) + (mean * weight)) / (heavy[^1] + weight);
                (weight, size) = (weight + heavy[^1], size + sizes[^1]);
                blocks.RemoveAt(blocks.Count - 1);
                heavy.RemoveAt(heavy.Count - 1);
                sizes.RemoveAt(sizes.Count - 1);
            }

            blocks.Add(mean);
            heavy.Add(weight);
            sizes.Add(size);
        }

        var levels = new double[xs.Count];
        for (int b = 0, i = 0; b < blocks.Count; b++) for (var k = 0; k < sizes[b]; k++) levels[i++] = blocks[b];
        return new Isotonic([.. xs], levels);
    }

    public double this[double score]
    {
        get
        {
            if (score <= at[0]) return level[0];
            if (score >= at[^1]) return level[^1];
            var next = Array.BinarySearch(at, score);
            if (next >= 0) return level[next];
            next = ~next;
            var share = (score - at[next - 1]) / (at[next] - at[next - 1]);
            return level[next - 1] + (share * (level[next] - level[next - 1]));
        }
    }
}
