using Serverless.Evaluation;
using Serverless.Fairness;
using Serverless.Models;

namespace Serverless.Core.Tests.Fairness;

public sealed class GroupFairnessTests
{
    private static readonly string[] Binary = ["false", "true"];

    // The example of Fairlearn's user guide: overall .5 / .666667 / .555556; by group below; differences .2 / 1 / .25, ratios .6667 / 0 / .6667.
    private static GroupingFairness Fairlearn(int minRows = 1)
    {
        double[] truth = [0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1], said = [0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0];
        string[] groups = ["b", "b", "a", "b", "b", "c", "c", "c", "a", "a", "c", "a", "b", "c", "c", "b", "c", "c"];
        return GroupFairness.Compare(new JudgedRows(TaskKind.Binary, truth, said, Binary), Grouping.FromTexts("group", groups), minRows, 0.95).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("a", 4, 0.5, 1, 0.75)]
    [InlineData("b", 6, 0.6, 0, 0.5)]
    [InlineData("c", 8, 0.4, 0.6667, 0.5)]
    public void Compare_FairlearnsExample_RatesByGroup(string group, long rows, double recall, double falsePositive, double selection)
    {
        var facts = Fairlearn().Groups.Single(g => g.Group == group);
        facts.Rows.ShouldBe(rows);
        facts.Rates["recall"].Value!.Value.ShouldBe(recall, 1e-4);
        facts.Rates["fnr"].Value!.Value.ShouldBe(1 - recall, 1e-4);
        facts.Rates["fpr"].Value!.Value.ShouldBe(falsePositive, 1e-4);
        facts.Rates["tnr"].Value!.Value.ShouldBe(1 - falsePositive, 1e-4);
        facts.Rates["selection-rate"].Value!.Value.ShouldBe(selection, 1e-4);
        facts.Rates["selection-rate"].Of.ShouldBe(rows);
        facts.Rates["selection-rate"].Interval!.Method.ShouldBe("wilson");
    }

    [Theory]
    [InlineData("recall", 0.2, 0.6667)]
    [InlineData("equal-opportunity", 0.2, 0.6667)]
    [InlineData("fpr", 1, 0)]
    [InlineData("selection-rate", 0.25, 0.6667)]
    [InlineData("demographic-parity", 0.25, 0.6667)]
    [InlineData("equalised-odds", 1, 0)] // the larger difference and the smaller ratio of recall and fpr
    public void Compare_FairlearnsExample_DifferencesAndRatios(string measure, double difference, double ratio)
    {
        var disparity = Fairlearn().Disparities.Single(d => d.Measure == measure);
        disparity.Difference!.Value.ShouldBe(difference, 1e-4);
        disparity.Ratio!.Value.ShouldBe(ratio, 1e-4);
        disparity.Groups.ShouldBe(3);
        disparity.NotApplicable.ShouldBeNull();
    }

    [Fact]
    public void Compare_SmallGroups_AreShownWithTheirCountAndNotCompared()
    {
        var found = Fairlearn(minRows: 6);
        found.Groups.Single(g => g.Group == "a").Rates["selection-rate"].ShouldSatisfyAllConditions(r => r.Value.ShouldBe(0.75), r => r.NotApplicable.ShouldBe("4 rows, fewer than 6"));
        found.Disparities.Single(d => d.Measure == "selection-rate").ShouldSatisfyAllConditions(d => d.Groups.ShouldBe(2), d => d.Difference.ShouldBe(0));
        found.Disparities.Single(d => d.Measure == "fpr").ShouldSatisfyAllConditions(
            d => d.Difference.ShouldBeNull(), d => d.NotApplicable.ShouldBe("0 of 3 groups have 6 true, false or chosen rows that the rate is of; two are needed"));
    }

    [Fact]
    public void Compare_RateThatIsNotDefined_HasItsCountAndNoValue()
    {
        var found = GroupFairness.Compare(new JudgedRows(TaskKind.Binary, [0, 0, 1, 0], [0.1, 0.9, 0.9, 0.2], Binary), Grouping.FromTexts("g", ["x", "x", "y", "y"]), 1, 0.95).Single();
        found.Groups.Single(g => g.Group == "x").Rates["recall"].ShouldBe(new GroupRate(null, 0, null, "no rows"));
        found.Disparities.Single(d => d.Measure == "equalised-odds").NotApplicable.ShouldNotBeNull();
    }

    [Fact]
    public void Compare_RowsWithoutGroup_AreCounted() =>
        GroupFairness.Compare(new JudgedRows(TaskKind.Binary, [0, 1, 1], [0.1, 0.9, 0.9], Binary), Grouping.FromTexts("g", ["x", null, "x"]), 1, 0.95).Single()
            .ShouldSatisfyAllConditions(g => g.RowsWithoutGroup.ShouldBe(1), g => g.Groups.ShouldHaveSingleItem().Rows.ShouldBe(2));

    // NumPy: shares, expected calibration error of ten bins, Wilson intervals of SciPy; the interval of the difference is Newcombe's at 1 - .05 / 3.
    [Fact]
    public void Compare_FourHundredRows_EqualsNumpy()
    {
        double[] probabilities = [.. Enumerable.Range(0, 400).Select(i => ((i * 37 % 101) + 0.5) / 102)];
        string[] groups = [.. Enumerable.Range(0, 400).Select(i => "abc"[i * 7 % 3].ToString())];
        double[] truth = [.. Enumerable.Range(0, 400).Select(i => i * 53 % 97 / 97.0 < (groups[i] == "a" ? 0.3 : groups[i] == "b" ? 0.5 : 0.6) ? 1.0 : 0)];
        var found = GroupFairness.Compare(new JudgedRows(TaskKind.Binary, truth, probabilities, Binary), Grouping.FromTexts("g", groups), 30, 0.95).Single();
        var a = found.Groups.Single(g => g.Group == "a");
        (a.Rows, a.Positives).ShouldBe((134, 42));
        a.Rates["recall"].Value!.Value.ShouldBe(0.47619047619047616, 1e-14);
        a.Rates["precision"].Value!.Value.ShouldBe(0.3076923076923077, 1e-14);
        a.Rates["accuracy"].Value!.Value.ShouldBe(0.5, 1e-14);
        a.Rates["ece"].Value!.Value.ShouldBe(0.30538484050336545, 1e-13);
        a.Rates["calibration-gap"].Value!.Value.ShouldBe(0.18122622183201637, 1e-13);
        (a.MeanPredicted!.Value - a.MeanObserved!.Value).ShouldBe(0.18122622183201637, 1e-13);
        a.Rates["selection-rate"].Interval!.Lower.ShouldBe(0.40205716932507635, 1e-13);
        var parity = found.Disparities.Single(d => d.Measure == "demographic-parity");
        (parity.Highest, parity.Lowest).ShouldBe(("c", "a"));
        parity.Difference!.Value.ShouldBe(0.018684771630568975, 1e-14);
        (parity.DifferenceInterval!.Lower, parity.DifferenceInterval.Upper, parity.DifferenceInterval.Confidence).ShouldSatisfyAllConditions(
            i => i.Lower.ShouldBe(-0.12528820462248136, 1e-12), i => i.Upper.ShouldBe(0.16157366692880215, 1e-12), i => i.Confidence.ShouldBe(0.95));
        parity.Ratio!.Value.ShouldBe(0.962909333927378, 1e-13);
        (parity.RatioInterval!.Lower, parity.RatioInterval.Upper).ShouldSatisfyAllConditions(i => i.Lower.ShouldBe(0.7159172542983377, 1e-12), i => i.Upper.ShouldBe(1.2951138973081453, 1e-12));
        found.Disparities.Single(d => d.Measure == "calibration-gap").Difference!.Value.ShouldBe(0.18122622183201637 + 0.11606221435942798, 1e-12);
    }

    // Where groups do not differ, the interval of the difference holds zero: for all pairs together, so 95 % and more of 300 samples (binomial 0.999 lower bound 273).
    [Theory, InlineData(1), InlineData(2)]
    public void Disparity_NoDifference_IntervalHoldsZero(int seed)
    {
        var random = new Random(seed);
        Enumerable.Range(0, 300).Count(_ => Sample(random, 0.4, 0.4, 0.4).DifferenceInterval is { Lower: <= 0 }).ShouldBeGreaterThanOrEqualTo(273);
    }

    [Fact]
    public void Disparity_LargeDifference_IsFound()
    {
        var random = new Random(3);
        Enumerable.Range(0, 100).Count(_ => Sample(random, 0.4, 0.5, 0.6).DifferenceInterval is { Lower: > 0 }).ShouldBeGreaterThan(90);
    }

    [Fact]
    public void Compare_Multiclass_IsEachClassAgainstTheRest()
    {
        var rows = new JudgedRows(TaskKind.Multiclass, [0, 1, 2, 0, 1, 2], [.8, .1, .1, .2, .7, .1, .1, .2, .7, .1, .8, .1, .2, .6, .2, .6, .2, .2], ["x", "y", "z"]);
        var found = GroupFairness.Compare(rows, Grouping.FromTexts("g", ["a", "a", "a", "b", "b", "b"]), 1, 0.95).ToArray();
        found.Select(f => f.Class).ShouldBe(["x", "y", "z"]);
        // Of group b: truth x, y, z; answers y, y, x.
        found[0].Groups.Single(g => g.Group == "b").Rates["recall"].Value.ShouldBe(0);
        found[0].Groups.Single(g => g.Group == "b").Rates["fpr"].Value.ShouldBe(0.5);
        found[1].Groups.Single(g => g.Group == "b").Rates["selection-rate"].Value!.Value.ShouldBe(2 / 3.0, 1e-14);
        found[2].Disparities.Single(d => d.Measure == "equal-opportunity").Difference.ShouldBe(1);
    }

    [Fact]
    public void Compare_Regression_IsTheMeanErrorByGroup()
    {
        var rows = new JudgedRows(TaskKind.Regression, [1, 2, 3, 10, 20, 30], [2, 3, 4, 8, 18, 34], []);
        var found = GroupFairness.Compare(rows, Grouping.FromTexts("g", ["a", "a", "a", "b", "b", "b"]), 3, 0.95).ShouldHaveSingleItem();
        found.Groups.Single(g => g.Group == "a").ShouldSatisfyAllConditions(g => g.Rates["mean-error"].Value.ShouldBe(1), g => g.Rates["mae"].Value.ShouldBe(1), g => g.Positives.ShouldBeNull(), g => g.MeanPredicted.ShouldBe(3));
        var error = found.Disparities.Single(d => d.Measure == "mean-error");
        (error.Difference, error.Highest, error.Ratio).ShouldBe((1.0, "a", null));
        error.DifferenceInterval!.Method.ShouldBe("welch");
        found.Disparities.Single(d => d.Measure == "mae").Ratio!.Value.ShouldBe(1 / (8.0 / 3), 1e-14);
    }

    [Fact]
    public void Compare_ManyGroups_ListsTheLargest()
    {
        string[] names = [.. Enumerable.Range(0, 1000).Select(i => $"g{i % 250:D3}")];
        var found = GroupFairness.Compare(new JudgedRows(TaskKind.Regression, new double[1000], new double[1000], []), Grouping.FromTexts("g", names), 1, 0.95).Single();
        (found.Groups.Count, found.GroupsNotListed).ShouldBe((200, 50));
    }

    private static Disparity Sample(Random random, params double[] shares)
    {
        var (groups, said) = (new string[900], new double[900]);
        for (var i = 0; i < 900; i++) (groups[i], said[i]) = ($"g{i % 3}", random.NextDouble() < shares[i % 3] ? 1 : 0);
        return GroupFairness.Compare(new JudgedRows(TaskKind.Binary, new double[900], said, Binary), Grouping.FromTexts("g", groups), 30, 0.95).Single().Disparities.Single(d => d.Measure == "demographic-parity");
    }
}
