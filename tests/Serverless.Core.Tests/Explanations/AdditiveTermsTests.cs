using Serverless.Explanations;
using Serverless.Explanations.Methods;
using Serverless.Features;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.Core.Tests.Explanations;

public sealed class AdditiveTermsTests
{
    private static readonly TrainerTraits Scaled = new(false, false, true);

    internal static LinearPredictor Linear(FeaturePlan plan, int seed)
    {
        var random = new Random(seed);
        var cardinalities = plan.Slots.Select(s => s.Cardinality).ToArray();
        return new LinearPredictor(cardinalities, [[.. Enumerable.Range(0, cardinalities.Sum(c => Math.Max(1, c))).Select(_ => random.NextDouble() * 2 - 1)]], [0.4], Link.Sigmoid);
    }

    [Theory, InlineData(1, false), InlineData(2, true), InlineData(3, true)]
    public void Explain_Logistic_EqualsTheDefinition(int seed, bool mixed)
    {
        var plan = Games.Plan(mixed ? [.. Games.Mixed.Select(f => f with { Missing = Models.MissingHandling.Auto })] : [.. Games.Simple.Select(f => f with { Missing = Models.MissingHandling.Auto })], Scaled);
        var setup = Games.Setup(plan, Linear(plan, seed));
        var explainer = new AdditiveTerms().Prepare(setup);
        var found = new Attribution(plan.Schema.Columns.Count, plan.Slots.Count);
        foreach (var row in Games.Rows(plan, 8))
        {
            var features = Games.Features(plan, row);
            explainer.Explain(row, features, 0, found);
            var (baseline, values) = Games.Definition(setup, row, 0, 20);
            found.Baseline.ShouldBe(baseline, 1e-9);
            for (var c = 0; c < values.Length; c++) found.Columns[c].ShouldBe(values[c], 1e-9);
            (found.Baseline + found.Columns.Sum()).ShouldBe(setup.Score.One(features, 0), 1e-9);
        }
    }

    [Fact]
    public void Explain_SumOfShapes_EqualsTheDefinition()
    {
        var plan = Games.Plan([.. Games.Simple.Select(f => f with { Missing = Models.MissingHandling.Auto })], new TrainerTraits(false, false, false));
        var random = new Random(8);
        double[] Effects(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
        var shapes = plan.Slots.Select((s, i) => s.IsCategory ? new AdditiveShape(0, i, null, Effects(s.Cardinality)) : new AdditiveShape(0, i, s.Name == "distance" ? [300, 900, 1500] : [0.5, 3, 8], Effects(4)));
        var setup = Games.Setup(plan, new AdditivePredictor([-0.2], [.. shapes], Link.Sigmoid));
        var found = new Attribution(plan.Schema.Columns.Count, plan.Slots.Count);
        foreach (var row in Games.Rows(plan, 8))
        {
            new AdditiveTerms().Prepare(setup).Explain(row, Games.Features(plan, row), 0, found);
            var (baseline, values) = Games.Definition(setup, row, 0, 20);
            found.Baseline.ShouldBe(baseline, 1e-9);
            for (var c = 0; c < values.Length; c++) found.Columns[c].ShouldBe(values[c], 1e-9);
        }
    }

    // SHAP's documentation of LinearExplainer: phi_i = beta_i (x_i - mean of x_i), features taken as independent.
    [Fact]
    public void Explain_OneNumber_IsWeightTimesDistanceFromTheMean()
    {
        var plan = Games.Plan([Fixture("distance")], new TrainerTraits(false, false, false));
        var setup = Games.Setup(plan, new LinearPredictor([0], [[0.25]], [1], Link.Identity), background: 50);
        var row = Games.Rows(plan, 1)[0];
        var found = new Attribution(1, 1);
        new AdditiveTerms().Prepare(setup).Explain(row, Games.Features(plan, row), 0, found);
        var mean = Enumerable.Range(0, 50).Average(r => (double)setup.Background!.Row(r)[0]);
        found.Columns[0].ShouldBe(0.25 * (Games.Features(plan, row)[0] - mean), 1e-9);
    }

    private static Models.FeatureDefinition Fixture(string column) => Features.Fixture.Feature(column, column);
}
