using Serverless.Explanations;
using Serverless.Explanations.Methods;

namespace Serverless.Core.Tests.Explanations;

public sealed class LocalSurrogateTests
{
    // Of a model that is linear in its columns and a background of one row, the surrogate finds the weights and says that it is right.
    [Fact]
    public void Explain_LinearModel_FindsItsWeights()
    {
        var plan = Games.Plan([.. Games.Simple.Select(f => f with { Missing = Models.MissingHandling.Auto })], new Serverless.Training.TrainerTraits(false, false, true));
        var setup = Games.Setup(plan, AdditiveTermsTests.Linear(plan, 5), background: 1);
        var (exact, found) = (new Attribution(plan.Schema.Columns.Count, plan.Slots.Count), new Attribution(plan.Schema.Columns.Count, plan.Slots.Count));
        var row = Games.Rows(plan, 3)[1];
        new AdditiveTerms().Prepare(setup).Explain(row, Games.Features(plan, row), 0, exact);
        new LocalSurrogate().Prepare(setup).Explain(row, Games.Features(plan, row), 0, found);
        found.Fidelity!.Value.ShouldBeGreaterThan(0.999);
        for (var c = 0; c < exact.Columns.Length; c++) found.Columns[c].ShouldBe(exact.Columns[c], 0.02 * exact.Columns.Max(Math.Abs));
    }

    [Fact]
    public void Explain_DeepTrees_StatesAFidelityBelowOne()
    {
        var plan = Games.Plan(Games.Mixed);
        var setup = Games.Setup(plan, Games.Trees(plan, 6, trees: 10));
        var found = new Attribution(plan.Schema.Columns.Count, plan.Slots.Count);
        var row = Games.Rows(plan, 1)[0];
        new LocalSurrogate().Prepare(setup).Explain(row, Games.Features(plan, row), 0, found);
        found.Fidelity!.Value.ShouldBeInRange(0.001, 0.99);
        found.Score.ShouldBe(setup.Score.One(Games.Features(plan, row), 0));
    }
}
