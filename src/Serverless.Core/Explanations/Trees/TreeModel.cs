using Serverless.Scoring;
using Serverless.Scoring.Predictors;

namespace Serverless.Explanations.Trees;

/// <summary>The trees of a predictor that is a sum of trees, and what makes their sum a score.</summary>
internal sealed class TreeModel
{
    private TreeModel(TreeEnsemble trees)
    {
        Ensemble = trees;
        // As Scores does: Platt's slope and offset belong to the score.
        var sigmoid = trees.Link is Link.Sigmoid or Link.NormalisedSigmoid;
        (Scale, Shift) = sigmoid ? (trees.Slope, trees.Offset) : (1, 0);
        Nodes = [.. Enumerable.Range(0, trees.Trees).Select(t => NodesOf(trees, trees.Roots[t]))];
    }

    public TreeEnsemble Ensemble { get; }

    /// <summary>Multiplies sums of leaves.</summary>
    public double Scale { get; }

    public double Shift { get; }

    /// <summary>For each tree its nodes, parents before children; empty for a tree that is a leaf.</summary>
    public int[][] Nodes { get; }

    public static TreeModel? Of(IPredictor predictor) => predictor switch
    {
        LightGbmPredictor lightgbm => new TreeModel(lightgbm.Trees),
        TreeEnsemble trees => new TreeModel(trees),
        _ => null,
    };

    /// <summary>The score of an output that no tree has a part in.</summary>
    public double Fixed(int output) => Scale * Ensemble.Bias[output] + Shift;

    private static int[] NodesOf(TreeEnsemble trees, int root)
    {
        var found = new List<int>();
        var open = new Stack<int>();
        if (root >= 0) open.Push(root);
        while (open.TryPop(out var at))
        {
            found.Add(at);
            if (trees.Nodes[at].Left >= 0) open.Push(trees.Nodes[at].Left);
            if (trees.Nodes[at].Right >= 0) open.Push(trees.Nodes[at].Right);
        }

        found.Sort(); // children follow their parents
        return [.. found];
    }
}
