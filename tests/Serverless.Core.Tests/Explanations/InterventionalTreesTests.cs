using CsCheck;
using Serverless.Explanations;
using Serverless.Explanations.Methods;
using Serverless.Models;
using Serverless.Scoring.Predictors;

namespace Serverless.Core.Tests.Explanations;

public sealed class InterventionalTreesTests
{
    // Against every coalition of raw columns: a date of two features, a feature of two columns, categories, missing values.
    [Theory]
    [InlineData(1, false), InlineData(2, false), InlineData(3, true), InlineData(4, true), InlineData(5, true)]
    public void Explain_AnyFeatures_EqualsTheDefinition(int seed, bool mixed)
    {
        var plan = Games.Plan(mixed ? Games.Mixed : Games.Simple);
        var setup = Games.Setup(plan, Games.Trees(plan, seed, link: Link.Sigmoid));
        var explainer = new InterventionalTrees().Prepare(setup);
        var found = new Attribution(plan.Schema.Columns.Count, plan.Slots.Count);
        foreach (var row in Games.Rows(plan, 8))
        {
            explainer.Explain(row, Games.Features(plan, row), 0, found);
            var (baseline, values) = Games.Definition(setup, row, 0, 20);
            found.Baseline.ShouldBe(baseline, 1e-9);
            for (var c = 0; c < values.Length; c++) found.Columns[c].ShouldBe(values[c], 1e-9);
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void Explain_Multiclass_EqualsTheDefinitionOfEachClass(int output)
    {
        var plan = Games.Plan(Games.Simple);
        var setup = Games.Setup(plan, Games.Trees(plan, 9, trees: 3, outputs: 3, link: Link.Softmax), TaskKind.Multiclass);
        var explainer = new InterventionalTrees().Prepare(setup);
        var found = new Attribution(plan.Schema.Columns.Count, plan.Slots.Count);
        foreach (var row in Games.Rows(plan, 4))
        {
            explainer.Explain(row, Games.Features(plan, row), output, found);
            var (_, values) = Games.Definition(setup, row, output, 20);
            for (var c = 0; c < values.Length; c++) found.Columns[c].ShouldBe(values[c], 1e-9);
        }
    }

    [Fact]
    public void Explain_AnyRowAndTrees_AddsUpToTheScore()
    {
        var plan = Games.Plan(Games.Mixed);
        var rows = Games.Rows(plan, 64);
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 63], Gen.Int[1, 6]).Sample((seed, at, depth) =>
        {
            var setup = Games.Setup(plan, Games.Trees(plan, seed, trees: 3, depth: depth));
            var found = new Attribution(plan.Schema.Columns.Count, plan.Slots.Count);
            var features = Games.Features(plan, rows[at]);
            new InterventionalTrees().Prepare(setup).Explain(rows[at], features, 0, found);
            (found.Baseline + found.Columns.Sum()).ShouldBe(setup.Score.One(features, 0), 1e-9);
            found.Score.ShouldBe(setup.Score.One(features, 0), 1e-9);
        }, iter: 60, seed: "0000KOIKwZVu1");
    }

    // A column that no feature of the row lets in has nothing to say: the dummy axiom.
    [Fact]
    public void Explain_ColumnThatNoTreeReads_GetsZero()
    {
        var plan = Games.Plan(Games.Simple);
        var builder = new TreeEnsembleBuilder(1);
        var (left, right) = (builder.AddLeaf(1), builder.AddLeaf(3));
        builder.AddNumber(2, 1000, missingLeft: true, ~left, ~right);
        builder.AddTree(0);
        var setup = Games.Setup(plan, builder.Build());
        var found = new Attribution(plan.Schema.Columns.Count, plan.Slots.Count);
        foreach (var row in Games.Rows(plan, 10))
        {
            new InterventionalTrees().Prepare(setup).Explain(row, Games.Features(plan, row), 0, found);
            for (var c = 0; c < found.Columns.Length; c++) if (plan.Schema.Columns[c].Name != "distance") found.Columns[c].ShouldBe(0);
        }
    }

    [Fact]
    public void Explain_SecondTime_AllocatesNothing()
    {
        var plan = Games.Plan(Games.Simple);
        var setup = Games.Setup(plan, Games.Trees(plan, 4, trees: 20));
        var explainer = new InterventionalTrees().Prepare(setup);
        var found = new Attribution(plan.Schema.Columns.Count, plan.Slots.Count);
        var row = Games.Rows(plan, 1)[0];
        var features = Games.Features(plan, row);
        for (var i = 0; i < 50; i++) explainer.Explain(row, features, 0, found);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) explainer.Explain(row, features, 0, found);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
