namespace Serverless.Outliers;

/// <summary>
/// How quickly random cuts set a row apart (Liu, Ting, Zhou: Isolation Forest, ICDM 2008). Trees lie one after another in flat arrays; a leaf has <see cref="Leaf"/> in the place of its feature and, in the
/// place of its threshold, the length of the path to it: its depth and the average depth of a tree of the rows that it holds.
/// </summary>
public sealed class IsolationForest
{
    internal const int Leaf = -1;

    private const double EulerGamma = 0.57721566490153286;

    private readonly int[] features;
    private readonly float[] cuts;
    private readonly int[] children;
    private readonly int[] roots;
    private readonly double scale;

    /// <param name="features">By node: which value is compared, or <see cref="Leaf"/>.</param>
    /// <param name="cuts">By node: values of at most this go to the first child; of a leaf the length of its path.</param>
    /// <param name="children">By node: index of the first child; the second stands behind it.</param>
    /// <param name="roots">By tree.</param>
    /// <param name="sample">Rows that each tree was grown from.</param>
    public IsolationForest(int[] features, float[] cuts, int[] children, int[] roots, int sample)
    {
        if (features.Length != cuts.Length || features.Length != children.Length) throw new InvalidDataException("the nodes of the isolation forest do not fit each other");
        for (var i = 0; i < features.Length; i++)
        {
            // A child stands behind its parent, so that a walk ends.
            if (features[i] != Leaf && (features[i] < 0 || children[i] <= i || children[i] + 1 >= features.Length)) throw new InvalidDataException($"node {i} of the isolation forest leads nowhere");
        }

        if (roots.Length == 0 || roots.Any(r => r < 0 || r >= features.Length)) throw new InvalidDataException("the isolation forest has no trees, or roots that are none");
        (this.features, this.cuts, this.children, this.roots, Sample) = (features, cuts, children, roots, sample);
        scale = 1 / (roots.Length * AveragePath(sample));
        Width = features.Max() + 1;
    }

    public int Sample { get; }

    public int Trees => roots.Length;

    /// <summary>Values that a row must have at least.</summary>
    public int Width { get; }

    internal (int[] Features, float[] Cuts, int[] Children, int[] Roots) Nodes => (features, cuts, children, roots);

    /// <summary>
    /// Average length of an unsuccessful search in a binary search tree of <paramref name="rows"/> rows, c(n) of the paper: 2 H(n - 1) - 2 (n - 1) / n with H(i) = ln i + γ; 1 of two rows, 0 of one.
    /// </summary>
    public static double AveragePath(int rows) => rows <= 1 ? 0 : rows == 2 ? 1 : 2 * (Math.Log(rows - 1) + EulerGamma) - 2.0 * (rows - 1) / rows;

    /// <summary>Between 0 and 1: 2^(-E(h) / c(n)). About 0.5 for rows like most; towards 1 the easier a row is set apart. Does not allocate.</summary>
    public double Score(ReadOnlySpan<float> row)
    {
        var paths = 0.0;
        foreach (var root in roots)
        {
            var node = root;
            while (features[node] is var feature and >= 0) node = children[node] + (row[feature] <= cuts[node] ? 0 : 1);
            paths += cuts[node];
        }

        return Math.Pow(2, -paths * scale);
    }
}
