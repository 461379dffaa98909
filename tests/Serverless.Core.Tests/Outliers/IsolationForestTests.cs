using System.Globalization;
using Serverless.Outliers;
using Serverless.Testing;

namespace Serverless.Core.Tests.Outliers;

public sealed class IsolationForestTests
{
    // scikit-learn 1.2, sklearn.ensemble._iforest._average_path_length
    [Theory, InlineData(1, 0), InlineData(2, 1), InlineData(3, 1.207392357589623), InlineData(5, 2.327020052042847), InlineData(256, 10.244770920119917), InlineData(999, 12.967939884427995), InlineData(1000, 12.969940887100172)]
    public void AveragePath_OfRows_IsTheFormulaOfThePaper(int rows, double expected) => IsolationForest.AveragePath(rows).ShouldBe(expected, 1e-12);

    // One tree by hand: x0 <= 0 ends at depth 1 with 2 rows (path 1 + c(2) = 2); else x1 <= 5 ends at depth 2 with 1 row (2), or with 5 rows (2 + c(5)).
    [Theory, InlineData(-1, 0, 2), InlineData(0, 9, 2), InlineData(1, 5, 2), InlineData(1, 6, 4.327020052042847)]
    public void Score_TreeByHand_IsTwoToTheMinusPathOverAverage(float x0, float x1, double path)
    {
        var forest = new IsolationForest([0, -1, 1, -1, -1], [0, 2, 5, 2, 4.327020052042847f], [1, 0, 3, 0, 0], [0], 8);
        forest.Score([x0, x1]).ShouldBe(Math.Pow(2, -path / (2 * (Math.Log(7) + 0.57721566490153286) - 14.0 / 8)), 1e-7);
    }

    [Fact]
    public void Score_SeveralTrees_AveragesTheirPaths()
    {
        // Two trees of one leaf each: paths 1 and 3, on the average 2.
        var forest = new IsolationForest([-1, -1], [1, 3], [0, 0], [0, 1], 256);
        forest.Score([0]).ShouldBe(Math.Pow(2, -2 / 10.244770920119917), 1e-12);
    }

    // 1,000 rows: two groups and 50 rows anywhere (outlier = 1), with the mean score of ten forests of scikit-learn 1.2 (100 trees of 256 rows, seeds 0 to 9). Each of those differs from their mean
    // by 0.005 on the average and by 0.033 at most, and has an area under the curve of 0.9998.
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Fit_GeneratedOutliers_FindsThemAndScoresAsScikitLearn(int seed)
    {
        var (rows, outlier, expected) = Read();
        var forest = IsolationForestTrainer.Fit(rows, 4, 100, 256, seed);
        var scores = Enumerable.Range(0, 1000).Select(i => forest.Score(rows.AsSpan(i * 4, 4))).ToArray();
        Auc(scores, outlier).ShouldBeGreaterThan(0.998);
        scores.Zip(expected, (a, b) => Math.Abs(a - b)).Average().ShouldBeLessThan(0.01);
        scores.Zip(expected, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(0.06);
        scores.Zip(expected, (a, b) => a - b).Average().ShouldBe(0, 0.006);
    }

    [Fact]
    public void Fit_SameSeed_IsTheSameForest()
    {
        var (rows, _, _) = Read();
        var (a, b) = (IsolationForestTrainer.Fit(rows, 4, 20, 64, 5).Nodes, IsolationForestTrainer.Fit(rows, 4, 20, 64, 5).Nodes);
        a.Cuts.ShouldBe(b.Cuts);
        a.Features.ShouldBe(b.Features);
        IsolationForestTrainer.Fit(rows, 4, 20, 64, 6).Nodes.Cuts.ShouldNotBe(a.Cuts);
    }

    [Fact]
    public void Fit_RowsThatAreAllTheSame_ScoresHalf()
    {
        // One leaf of all the rows: the path is c(n) itself.
        IsolationForestTrainer.Fit([.. Enumerable.Repeat(3f, 200)], 2, 10, 256, 1).Score([3, 3]).ShouldBe(0.5, 1e-7);
    }

    [Fact]
    public void Fit_ValuesNextToEachOther_PartsThemOrStops()
    {
        var next = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(1f) + 1);
        var forest = IsolationForestTrainer.Fit([1f, next, 1f, next], 1, 50, 4, 3);
        forest.Score([1f]).ShouldBe(forest.Score([next]), 1e-9);
    }

    [Theory]
    [InlineData(new[] { 0, -1 }, new[] { 1, 0 })]
    [InlineData(new[] { 0, -1, -1 }, new[] { 0, 0, 0 })]
    public void Forest_NodesThatLeadNowhereOrInACircle_IsRefused(int[] features, int[] children) =>
        Should.Throw<InvalidDataException>(() => new IsolationForest(features, new float[features.Length], children, [0], 4)).Message.ShouldBe("node 0 of the isolation forest leads nowhere");

    private static double Auc(double[] scores, int[] outlier)
    {
        var (pairs, good) = (0L, 0.0);
        for (var i = 0; i < scores.Length; i++)
        {
            for (var j = 0; j < scores.Length; j++)
            {
                if (outlier[i] != 1 || outlier[j] != 0) continue;
                pairs++;
                good += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        }

        return good / pairs;
    }

    private static (float[] Rows, int[] Outlier, double[] Score) Read()
    {
        var lines = Repository.Read("tests/Serverless.Core.Tests/Outliers/isolation.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(',')).ToArray();
        return ([.. lines.SelectMany(l => l.Take(4).Select(v => float.Parse(v, CultureInfo.InvariantCulture)))], [.. lines.Select(l => int.Parse(l[4], CultureInfo.InvariantCulture))],
            [.. lines.Select(l => double.Parse(l[5], CultureInfo.InvariantCulture))]);
    }
}
