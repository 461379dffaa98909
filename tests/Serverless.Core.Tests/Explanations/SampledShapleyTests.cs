using Serverless.Explanations;
using Serverless.Explanations.Methods;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;

namespace Serverless.Core.Tests.Explanations;

public sealed class SampledShapleyTests
{
    // A predictor that shows nothing but its answer, like an ONNX model.
    private sealed class Closed(TreeEnsemble trees) : IPredictor
    {
        public string Format => "closed";

        public int Outputs => trees.Outputs;

        public void Predict(ReadOnlySpan<float> features, Span<double> outputs) => trees.Predict(features, outputs);
    }

    // Additive to the last digit; each value within its stated error: of 5 x 8 values 5 standard errors hold for all but a chance of 1 in 40,000.
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Explain_ClosedModel_IsAdditiveAndNearTheDefinition(int seed)
    {
        var plan = Games.Plan(Games.Mixed);
        var setup = Games.Setup(plan, new Closed(Games.Trees(plan, seed, link: Link.Sigmoid)), background: 20);
        var explainer = new SampledShapley().Prepare(setup);
        var found = new Attribution(plan.Schema.Columns.Count, plan.Slots.Count);
        foreach (var row in Games.Rows(plan, 8))
        {
            explainer.Explain(row, Games.Features(plan, row), 0, found);
            var (baseline, values) = Games.Definition(setup, row, 0, 20);
            found.Baseline.ShouldBe(baseline, 1e-9);
            (found.Baseline + found.Columns.Sum()).ShouldBe(found.Score, 1e-9);
            for (var c = 0; c < values.Length; c++) Math.Abs(found.Columns[c] - values[c]).ShouldBeLessThanOrEqualTo(5 * found.StandardErrors[c] + 1e-9);
            found.StandardErrors.Max().ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public void Explain_Twice_GivesTheSame()
    {
        var plan = Games.Plan(Games.Simple);
        var setup = Games.Setup(plan, new Closed(Games.Trees(plan, 3)));
        var row = Games.Rows(plan, 1)[0];
        var (one, two) = (new Attribution(plan.Schema.Columns.Count, plan.Slots.Count), new Attribution(plan.Schema.Columns.Count, plan.Slots.Count));
        new SampledShapley().Prepare(setup).Explain(row, Games.Features(plan, row), 0, one);
        new SampledShapley().Prepare(setup).Explain(row, Games.Features(plan, row), 0, two);
        two.Columns.ShouldBe(one.Columns);
    }

    [Fact]
    public void Auto_ClosedModel_IsSampledOnTheScaleOfProbability()
    {
        var plan = Games.Plan(Games.Simple);
        var explainer = Games.Explainer(Games.Setup(plan, new Closed(Games.Trees(plan, 3, link: Link.Sigmoid))));
        var explanation = explainer.Explain(Games.Rows(plan, 1)[0]);
        (explanation.Method, explanation.Exact, explanation.Scale).ShouldBe(("sampled", false, ScoreScale.Probability));
        explanation.Contributions.ShouldAllBe(c => c.StandardError != null);
    }
}
