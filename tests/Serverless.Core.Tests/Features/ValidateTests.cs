using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;

namespace Serverless.Core.Tests.Features;

public sealed class ValidateTests
{
    private static readonly ModelDefinition Good = Fixture.Model(Fixture.Feature("hour", "date.Hour"));

    private static string[] Problems(ModelDefinition model) => [.. FeatureCompiler.Validate(model, Fixture.Dataset).Select(p => p.ToString())];

    [Fact]
    public void Validate_GoodModel_HasNoProblem() => Problems(Good).ShouldBeEmpty();

    [Fact]
    public void Validate_BadFeature_PointsAtFileLineColumn() => Problems(Fixture.Model(Fixture.Feature("hour", "date.Houre"))).ShouldHaveSingleItem().ShouldStartWith(
        "models/late.yaml(8,9): feature 'hour': 'date.Houre' is not a member of timestamp (column 6). Did you mean 'Hour'? Members: Hour, Day, DayOfWeek,");

    [Theory]
    [InlineData(TaskKind.Binary, "delay", "models/late.yaml(4,8): label 'delay' gives a number; a binary task needs a boolean, such as 'delay > 0'")]
    [InlineData(TaskKind.Regression, "origin", "models/late.yaml(4,8): label 'origin' gives text; regression needs a number")]
    [InlineData(TaskKind.Binary, "dely > 15", "models/late.yaml(4,8): label: 'dely' is not a column of the dataset (column 1). Did you mean 'delay'?")]
    public void Validate_Label_MustFitTheTask(TaskKind task, string label, string problem) =>
        Problems(Good with { Task = task, Label = new ExpressionText(label, 4, 8) }).ShouldBe([problem]);

    [Theory]
    [InlineData("lightgmb", null, null, "models/late.yaml(9,11): unknown trainer 'lightgmb'. Did you mean 'lightgbm'?")]
    [InlineData("linear", null, null, "models/late.yaml(9,11): trainer 'linear' does not do binary; these do: baseline, fastforest, fasttree, gam, lightgbm, logistic, sdca")]
    [InlineData("lightgbm", "objective", "poison", "models/late.yaml(10,3): 'objective' cannot be 'poison'. Did you mean 'poisson'? Allowed: auto, regression, regression_l1, huber, fair, poisson, quantile, mape, gamma, tweedie.")]
    [InlineData("lightgbm", "objective", "poisson", "models/late.yaml(10,3): 'objective: poisson' is for regression; binary has one objective, so leave it out")]
    [InlineData("lightgbm", "leave", "31", "models/late.yaml(10,3): trainer 'lightgbm' has no setting 'leave'. Did you mean 'leaves'?")]
    [InlineData("lightgbm", "leaves", "1", "models/late.yaml(10,3): 'leaves: 1' is out of range; expected a whole number from 2 to 131072")]
    [InlineData("lightgbm", "leaves", "many", "models/late.yaml(10,3): 'leaves: many' should be a whole number")]
    [InlineData("lightgbm", "iterations", "1.5", "models/late.yaml(10,3): 'iterations: 1.5' should be a whole number")]
    [InlineData("lightgbm", "learning-rate", "NaN", "models/late.yaml(10,3): 'learning-rate: NaN' should be a number")]
    public void Validate_Trainer_NamesWhatIsWrong(string trainer, string? key, string? value, string problem)
    {
        var parameters = new Dictionary<string, Parameter>();
        if (key is not null) parameters[key] = new Parameter([value!], false, 10, 3);
        Problems(Good with { Trainer = new TrainerDefinition(trainer, parameters, 42, 9, 11) }).ShouldBe([problem]);
    }

    [Fact]
    public void Validate_Gate_MustNameAMetricOfTheTask()
    {
        Problems(Good with { Gate = new GateDefinition { Metric = "auk", Line = 12 } }).ShouldBe(["models/late.yaml(12,1): gate: 'auk' is not a metric of a binary task. Did you mean 'auc'?"]);
        Problems(Good with { Gate = new GateDefinition { Metric = "log-loss", Min = 1, Line = 12 } }).ShouldBe(["models/late.yaml(12,1): gate: less log-loss is better, so the limit is 'max', not 'min'"]);
        Problems(Good with { Gate = new GateDefinition { Max = 1, Line = 12 } }).ShouldBe(["models/late.yaml(12,1): gate: more auc is better, so the limit is 'min', not 'max'"]);
    }

    [Fact]
    public void Validate_Encodings_MustFitTheValueAndTheTrainer()
    {
        var linear = new TrainerDefinition("logistic", new Dictionary<string, Parameter>(), 42, 9, 11);
        Problems(Fixture.Model(Fixture.Feature("o", "origin", FeatureEncoding.Number))).ShouldBe(
            ["models/late.yaml(8,9): feature 'o': 'origin' gives text, which 'encode: number' cannot take; use category or one-hot"]);
        Problems(Fixture.Model(Fixture.Feature("d", "distance", missing: MissingHandling.Keep)) with { Trainer = linear }).ShouldBe(
            ["models/late.yaml(8,9): feature 'd': trainer 'logistic' cannot take missing values; use missing: mean, median or a value"]);
        Problems(Fixture.Model(Fixture.Feature("o", "origin", missing: MissingHandling.Median))).ShouldBe(
            ["models/late.yaml(8,9): feature 'o': 'missing: median' does not go with 'encode: category'; allowed: auto, keep, most-frequent, category"]);
    }

    [Fact]
    public void Validate_ManyProblems_AreAllReported()
    {
        var model = Fixture.Model(Fixture.Feature("a", "x"), Fixture.Feature("b", "y")) with
        {
            Label = new ExpressionText("z", 4, 8),
            Trainer = new TrainerDefinition("q", new Dictionary<string, Parameter>(), 1, 9, 11),
            Gate = new GateDefinition { Metric = "w" },
        };
        Problems(model).Length.ShouldBe(5);
    }
}
