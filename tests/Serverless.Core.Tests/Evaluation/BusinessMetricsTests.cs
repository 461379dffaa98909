using Serverless.Core.Tests.Features;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Features;
using Serverless.Models;

namespace Serverless.Core.Tests.Evaluation;

public sealed class BusinessMetricsTests
{
    private static readonly Table Rows = new(4, [new NumberColumn("distance", [100, 200, 300, 400], [false, false, true, false])]);

    [Fact]
    public void Values_OverRowPredictionAndActual_AreThoseByHand()
    {
        var model = HoldoutFixture.Model(metrics: [("missed", "actual && !prediction ? 500 : 0"), ("fuel", "prediction ? distance * probability : 0.0")]);
        var values = Values(HoldoutFixture.Of(model, [1, 1, 0, 0], [.2, .9, .7, .1], Rows));
        values["missed"].ShouldBe([500, 0, 0, 0]);
        values["fuel"].ShouldBe([0, 180, double.NaN, 0]);
    }

    [Fact]
    public void Of_MeanAndSum_AreInTheMetricsOfTheRun()
    {
        var model = HoldoutFixture.Model(metrics: [("missed", "actual && !prediction ? 500 : 0"), ("fuel", "prediction ? distance : 0.0")]);
        model = model with { Metrics = [model.Metrics[0], model.Metrics[1] with { Aggregate = MetricAggregate.Sum, Unit = "miles" }] };
        var sections = EvaluationSections.Of(HoldoutFixture.Of(model, [1, 1, 0, 0], [.2, .9, .7, .1], Rows), null, default);
        sections.Metrics.Candidate["missed"].ShouldBe(125);
        sections.Metrics.Candidate["fuel"].ShouldBe(200);
        var fuel = sections.Business!.Metrics[1];
        (fuel.Name, fuel.Candidate, fuel.Rows, fuel.MissingRows, fuel.Unit).ShouldBe(("fuel", 200, 3, 1, "miles"));
    }

    // A mean over the other rows would hide it: the metric is not defined, and says why. A row whose column is missing is another matter.
    [Theory]
    [InlineData("Math.Log(probability - 0.5)", 2, 2)]
    [InlineData("1.0 / (probability - 0.9)", 1, 3)]
    [InlineData("Math.Log(0.0 - distance)", 3, 0)]
    public void Of_NoNumberInSomeRows_IsUndefinedAndSaysWhy(string expression, int wrong, int rows)
    {
        var sections = EvaluationSections.Of(HoldoutFixture.Of(HoldoutFixture.Model(metrics: [("odd", expression), ("well", "prediction ? 1 : 0")]), [1, 1, 0, 0], [.2, .9, .7, .1], Rows), null, default);
        sections.Metrics.Candidate.Keys.ShouldNotContain("odd");
        sections.Metrics.Candidate["well"].ShouldBe(0.5);
        sections.Undefined!["odd"].ShouldBe($"its expression '{expression}' gives no number (NaN or infinity) in {wrong} of 4 rows; mend the expression");
        var figure = sections.Business!.Metrics[0];
        (figure.Candidate, figure.Rows, figure.NotNumberRows, figure.MissingRows).ShouldBe((null, rows, wrong, 4 - rows - wrong));
    }

    [Fact]
    public void Of_ColumnMissingInEveryRow_SaysSo() =>
        EvaluationSections.Of(HoldoutFixture.Of(HoldoutFixture.Model(metrics: ("fuel", "distance * 2")), [1, 0], [.2, .9], new Table(2, [new NumberColumn("distance", [1, 2], [true, true])])), null, default)
            .Undefined!["fuel"].ShouldBe("a column that its expression 'distance * 2' reads is missing in every row");

    [Fact]
    public void Of_StatedCost_IsOneMoreMetric()
    {
        var sections = EvaluationSections.Of(HoldoutFixture.Of(HoldoutFixture.Model(cost: new CostDefinition(1, 20)), [1, 1, 0, 0], [.2, .9, .7, .1], Rows), null, default);
        sections.Metrics.Candidate["cost"].ShouldBe(21 / 4.0);
        sections.Thresholds!.Cost.ShouldBe(21 / 4.0);
    }

    [Fact]
    public void Values_Multiclass_AreTextAlsoForClassesNeverSeen()
    {
        var model = HoldoutFixture.Model(TaskKind.Multiclass, metrics: ("hail", "actual == \"hail\" && prediction != \"hail\" ? probability : 0.0"));
        Values(HoldoutFixture.Of(model, [0, -1], [.9, .1, .3, .7], new Table(2, []), classes: ["rain", "sun"], names: ["rain", "hail"]))["hail"].ShouldBe([0, 0.7]);
    }

    [Fact]
    public void Values_Regression_ReadTheValue() =>
        Values(HoldoutFixture.Of(HoldoutFixture.Model(TaskKind.Regression, metrics: ("late", "Math.Max(0.0, actual - prediction)")), [3, 1], [2, 5], new Table(2, [])))["late"].ShouldBe([1, 0]);

    [Fact]
    public void Undefined_OneClassInTheHoldout_IsSaidForEachMetric()
    {
        var sections = EvaluationSections.Of(HoldoutFixture.Of(HoldoutFixture.Model(), [0, 0, 0], [.2, .9, .7]), null, default);
        sections.Metrics.Candidate.Keys.ShouldNotContain("auc");
        sections.Undefined!["auc"].ShouldBe("it needs rows of both classes in the holdout");
        sections.Undefined!.Keys.ShouldBe(["auc", "pr-auc", "ks", "lift-10", "gain-10"]);
        sections.Metrics.Candidate.Values.ShouldAllBe(v => double.IsFinite(v));
    }

    [Fact]
    public void Undefined_NoRowHasTheColumns_IsSaid()
    {
        var model = HoldoutFixture.Model(metrics: ("fuel", "distance * 1.0"));
        var sections = EvaluationSections.Of(HoldoutFixture.Of(model, [0, 1], [.2, .9], new Table(2, [new NumberColumn("distance", [0, 0], [true, true])])), null, default);
        sections.Metrics.Candidate.Keys.ShouldNotContain("fuel");
        sections.Undefined!.Keys.ShouldContain("fuel");
        sections.Business!.Metrics[0].Candidate.ShouldBeNull();
    }

    [Theory]
    [InlineData("actual && !predicted ? 1 : 0", "metric 'm': 'predicted' is not a column of the dataset (column 12). Did you mean 'prediction'?")]
    [InlineData("origin", "metric 'm': 'origin' gives text; a metric is a number for each row")]
    public void Validate_WrongExpression_PointsAtIt(string expression, string message)
    {
        var problem = FeatureCompiler.Validate(HoldoutFixture.Model(metrics: ("m", expression)), Fixture.Dataset).ShouldHaveSingleItem();
        problem.Message.ShouldStartWith(message);
        (problem.File, problem.Line, problem.Column).ShouldBe(("models/late.yaml", 20, 7));
    }

    [Fact]
    public void Validate_NameOfAStandardMetric_IsAProblem() =>
        FeatureCompiler.Validate(HoldoutFixture.Model(metrics: ("auc", "1.0")), Fixture.Dataset).ShouldHaveSingleItem().Message.ShouldBe("metric 'auc' exists already; give yours another name");

    [Fact]
    public void Validate_GateThatNamesIt_IsFine()
    {
        var model = HoldoutFixture.Model(cost: new CostDefinition(1, 2), metrics: ("missed", "actual && !prediction ? 500 : 0"));
        FeatureCompiler.Validate(model with { Gate = new GateDefinition { Metric = "missed", Max = 10 } }, Fixture.Dataset).ShouldBeEmpty();
        FeatureCompiler.Validate(model with { Gate = new GateDefinition { Metric = "cost", Max = 10 } }, Fixture.Dataset).ShouldBeEmpty();
        FeatureCompiler.Validate(model with { Gate = new GateDefinition { Metric = "missed", Min = 10 } }, Fixture.Dataset).ShouldHaveSingleItem().Message.ShouldContain("less missed is better");
    }

    private static Dictionary<string, double[]> Values(Holdout holdout) => holdout.Candidate.Own.ToDictionary(o => o.Key, o => o.Value.Values);
}
