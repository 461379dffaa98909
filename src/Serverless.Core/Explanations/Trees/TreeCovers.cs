using System.Globalization;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;

namespace Serverless.Explanations.Trees;

/// <summary>How many training rows came by each node and each leaf, in the order of a <see cref="TreeEnsemble"/>'s arrays.</summary>
internal sealed record TreeCovers(double[] Nodes, double[] Leaves)
{
    /// <summary>From LightGBM's text (<c>internal_count</c>, <c>leaf_count</c>); null for predictors that did not keep them.</summary>
    /// <exception cref="InvalidDataException">The text has other counts than trees.</exception>
    public static TreeCovers? Of(IPredictor predictor)
    {
        if (predictor is not LightGbmPredictor lightgbm) return null;
        var (nodes, leaves) = (new double[lightgbm.Trees.Nodes.Length], new double[lightgbm.Trees.Leaves.Length]);
        var (node, leaf, leavesOfTree) = (0, 0, 0);
        foreach (var line in lightgbm.Text.AsSpan().EnumerateLines())
        {
            if (line.SequenceEqual("end of trees")) break;
            if (line.StartsWith("num_leaves="))
            {
                leaf += leavesOfTree;
                leavesOfTree = int.Parse(line[11..], CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("leaf_count=")) Numbers(line[11..], leaves.AsSpan(leaf, leavesOfTree));
            else if (line.StartsWith("internal_count=")) node += Numbers(line[15..], nodes.AsSpan(node, leavesOfTree - 1));
        }

        if (node != nodes.Length) throw new InvalidDataException("the LightGBM model has no counts of rows (internal_count) for some of its trees");
        return new TreeCovers(nodes, leaves);
    }

    private static int Numbers(ReadOnlySpan<char> text, Span<double> into)
    {
        var count = 0;
        foreach (var range in text.Split(' '))
        {
            if (text[range].IsWhiteSpace()) continue;
            into[count++] = double.Parse(text[range], CultureInfo.InvariantCulture);
        }

        return count;
    }
}
