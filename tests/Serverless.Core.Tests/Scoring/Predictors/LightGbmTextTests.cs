using Serverless.Scoring.Predictors;

namespace Serverless.Core.Tests.Scoring.Predictors;

/// <summary>The parser on a model written by hand in LightGBM's format; equality with LightGBM's own predictions is tested beside the trainer.</summary>
public sealed class LightGbmTextTests
{
    internal const string Binary = """
        tree
        version=v4
        num_class=1
        num_tree_per_iteration=1
        label_index=0
        max_feature_idx=2
        objective=binary sigmoid:2
        feature_names=a b c
        feature_infos=[0:1] 0:1:2 [0:1]
        serverless_slots=n c65 n
        tree_sizes=1 1

        Tree=0
        num_leaves=4
        num_cat=1
        split_feature=0 1 2
        split_gain=1 1 1
        threshold=0.5 0 -1.5
        decision_type=10 1 4
        left_child=1 -1 -2
        right_child=2 -3 -4
        leaf_value=0.1 0.2 0.3 0.4
        cat_boundaries=0 3
        cat_threshold=4 0 1
        is_linear=0
        shrinkage=1

        Tree=1
        num_leaves=1
        num_cat=0
        leaf_value=0.5

        end of trees
        """;

    [Theory]
    // tree.cpp: missing type NaN with default left (10 = 2 + 2*4), categories 2 and 64 in the set, missing type zero without default left (4)
    [InlineData(0.5f, 2f, 0f, 0.1)]
    [InlineData(0.5f, 64f, 0f, 0.1)]
    [InlineData(0.5f, 3f, 0f, 0.3)]
    [InlineData(float.NaN, float.NaN, 0f, 0.3)]
    [InlineData(0.6f, 2f, -2f, 0.2)]
    [InlineData(0.6f, 2f, 0f, 0.4)]
    [InlineData(0.6f, 2f, float.NaN, 0.4)]
    public void Predict_EachKindOfSplit_ReachesTheLeaf(float a, float b, float c, double leaf)
    {
        var outputs = new double[1];
        new LightGbmPredictor(Binary).Predict([a, b, c], outputs);
        outputs[0].ShouldBe(1 / (1 + Math.Exp(-2 * (leaf + 0.5))), 1e-15);
    }

    [Fact]
    public void Parse_OneHotColumns_BecomeCategorySplits()
    {
        var text = Binary.Replace("serverless_slots=n c65 n", "serverless_slots=h2 n", StringComparison.Ordinal)
            .Replace("threshold=0.5 0 -1.5", "threshold=0.5 1e-35 -1.5", StringComparison.Ordinal)
            .Replace("decision_type=10 1 4", "decision_type=2 2 4", StringComparison.Ordinal);
        var trees = new LightGbmPredictor(text).Trees;
        double Raw(float category, float number)
        {
            var outputs = new double[1];
            trees.Raw([category, number], outputs);
            return Math.Round(outputs[0] - 0.5, 10);
        }

        Raw(0, -2).ShouldBe(0.2);          // column 0 is 1: right, then by the number
        Raw(1, -2).ShouldBe(0.3);          // column 0 is 0: left; column 1 is 1: right
        Raw(float.NaN, -2).ShouldBe(0.1);  // never seen: all zero, left and left
    }

    // A split that only parts missing values from the others.
    [Theory, InlineData(1e30f, 0.1), InlineData(float.NaN, 0.2)]
    public void Parse_InfiniteThreshold_PartsMissingFromTheRest(float a, double leaf)
    {
        var text = Binary.Replace("threshold=0.5 0 -1.5", "threshold=inf 0 -1.5", StringComparison.Ordinal).Replace("decision_type=10 1 4", "decision_type=8 1 4", StringComparison.Ordinal);
        var outputs = new double[1];
        new LightGbmPredictor(text).Trees.Raw([a, 2, -2], outputs);
        outputs[0].ShouldBe(leaf + 0.5, 1e-15);
    }

    [Theory]
    [InlineData("tree\n", "forest\n", "first line should be 'tree'")]
    [InlineData("objective=binary sigmoid:2", "objective=lambdarank", "objective 'lambdarank', which is not supported")]
    [InlineData("feature_names=a b c", "average_output", "random forest")]
    [InlineData("is_linear=0", "is_linear=1", "linear trees")]
    [InlineData("end of trees", "", "cut off")]
    [InlineData("left_child=1 -1 -2", "left_child=1 -1", "tree 0 of the LightGBM model is damaged")]
    [InlineData("left_child=1 -1 -2", "left_child=1 -1 -20", "child that is not there")]
    [InlineData("left_child=1 -1 -2", "left_child=0 -1 -2", "child that is not there")]
    [InlineData("threshold=0.5 0 -1.5", "threshold=0.5 0 x", "damaged")]
    public void Parse_NotWhatWeRead_SaysWhy(string found, string replacement, string message) =>
        Should.Throw<InvalidDataException>(() => new LightGbmPredictor(Binary.ReplaceLineEndings("\n").Replace(found, replacement, StringComparison.Ordinal))).Message.ShouldContain(message);

    [Fact]
    public void PredictMany_EqualsPredictOfEachRow()
    {
        var model = new LightGbmPredictor(Binary);
        var rows = PredictorFormatTests.Rows().ToArray();
        var (many, one) = (new double[rows.Length], new double[1]);
        model.PredictMany(rows.SelectMany(r => r).ToArray(), rows.Length, 3, many);
        for (var i = 0; i < rows.Length; i++)
        {
            model.Predict(rows[i], one);
            many[i].ShouldBe(one[0]);
        }
    }
}
