using System.Numerics;
using Serverless.Datasets;
using Serverless.Explanations;
using Serverless.Explanations.Methods;
using Serverless.Explanations.Trees;
using Serverless.Features;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.LightGbm.Tests;

public sealed unsafe class PathDependentTreesTests
{
    private const int Contributions = 3;

    private static LightGbmPredictor Fit(TrainingSet set, int iterations = 25) =>
        (LightGbmPredictor)new LightGbmTrainer().Fit(set, Sets.Defaults(("iterations", iterations)), 42, null, CancellationToken.None);

    // LightGBM's own predict_contrib, its columns added up for each slot.
    [Theory]
    [InlineData(TaskKind.Binary, false, true), InlineData(TaskKind.Binary, true, true), InlineData(TaskKind.Regression, false, false), InlineData(TaskKind.Regression, true, true)]
    [InlineData(TaskKind.Multiclass, false, true), InlineData(TaskKind.Multiclass, true, true)]
    public void Explain_AnyTask_EqualsLightGbmsPredictContrib(TaskKind task, bool oneHot, bool missing)
    {
        var model = Fit(Sets.Make(task, 4000, 1, oneHot, missing));
        var unseen = Sets.Make(task, 300, 2, oneHot, missing: true).Features;
        var setup = Setup(model, unseen, task);
        var explainer = new PathDependentTrees().Prepare(setup);
        var theirs = Native(model.Text, unseen, model.Outputs);
        var (found, score) = (new Attribution(unseen.Slots.Count, unseen.Slots.Count), new double[model.Outputs]);
        for (var r = 0; r < unseen.Rows; r++)
        {
            model.Scores(unseen.Row(r), score);
            for (var k = 0; k < model.Outputs; k++)
            {
                explainer.Explain(setup.Background!.Rows[0], unseen.Row(r), k, found);
                var expected = theirs.AsSpan((r * model.Outputs + k) * (unseen.Slots.Count + 1), unseen.Slots.Count + 1);
                for (var s = 0; s < unseen.Slots.Count; s++) found.Slots[s].ShouldBe(expected[s], 1e-9);
                found.Baseline.ShouldBe(expected[^1], 1e-9);
                found.Score.ShouldBe(score[k], 1e-9);
                (found.Baseline + found.Columns.Sum()).ShouldBe(score[k], 1e-9);
            }
        }
    }

    // All coalitions of columns, the trees walked both ways in proportion where a column is not known: the definition that predict_contrib computes.
    [Fact]
    public void Explain_FewColumns_EqualsTheDefinition()
    {
        var set = Sets.Make(TaskKind.Binary, 3000, 3);
        var model = Fit(set, 8);
        var setup = Setup(model, set.Features, TaskKind.Binary);
        var covers = TreeCovers.Of(model)!;
        var explainer = new PathDependentTrees().Prepare(setup);
        var found = new Attribution(4, 4);
        for (var r = 0; r < 20; r++)
        {
            explainer.Explain(setup.Background!.Rows[0], set.Features.Row(r), 0, found);
            var values = Definition(model.Trees, covers, set.Features.Row(r).ToArray(), 4);
            for (var s = 0; s < 4; s++) found.Slots[s].ShouldBe(values[s], 1e-9);
        }
    }

    [Fact]
    public void Fit_OneLeafOnly_ExplainsWithItsBaseline()
    {
        var set = new TrainingSet { Task = TaskKind.Regression, Classes = 0, Labels = [.. Enumerable.Range(0, 100).Select(i => (float)i)], Features = new FeatureMatrix(new float[100], 100, [new FeatureSlot("x", 0, false)]) };
        var setup = Setup(Fit(set), set.Features, TaskKind.Regression);
        var found = new Attribution(1, 1);
        new PathDependentTrees().Prepare(setup).Explain(setup.Background!.Rows[0], [0], 0, found);
        (found.Baseline, found.Columns[0]).ShouldBe((found.Score, 0));
        found.Score.ShouldBe(49.5, 1e-6);
    }

    private static double[] Definition(TreeEnsemble trees, TreeCovers covers, float[] row, int slots)
    {
        double Cover(int child) => child >= 0 ? covers.Nodes[child] : covers.Leaves[~child];
        double Walk(int at, int known)
        {
            if (at < 0) return trees.Leaves[~at];
            var node = trees.Nodes[at];
            if ((known >> node.Slot & 1) != 0) return Walk(trees.GoesLeft(in node, row[node.Slot]) ? node.Left : node.Right, known);
            return (Cover(node.Left) * Walk(node.Left, known) + Cover(node.Right) * Walk(node.Right, known)) / covers.Nodes[at];
        }

        double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);
        var worth = Enumerable.Range(0, 1 << slots).Select(s => trees.Roots.ToArray().Sum(root => Walk(root, s))).ToArray();
        return [.. Enumerable.Range(0, slots).Select(c => Enumerable.Range(0, worth.Length).Where(s => (s >> c & 1) == 0).Sum(s =>
            Factorial(BitOperations.PopCount((uint)s)) * Factorial(slots - BitOperations.PopCount((uint)s) - 1) / Factorial(slots) * (worth[s | 1 << c] - worth[s])))];
    }

    /// <summary>A pipeline whose raw columns are the slots: numbers, and categories that are written as numbers.</summary>
    internal static ExplanationSetup Setup(LightGbmPredictor model, FeatureMatrix matrix, TaskKind task)
    {
        var inputs = matrix.Slots.Select((_, i) => new RawColumn($"c{i}", ColumnType.Number, false)).ToArray();
        var features = matrix.Slots.Select((s, i) => new FittedFeature
        {
            Name = $"c{i}", From = $"c{i}", OneHot = s.OneHot, Categories = s.IsCategory ? [.. Enumerable.Range(0, s.Cardinality).Select(k => $"{k}")] : null,
        });
        var plan = new FeaturePlan(new FeaturePlanState { Inputs = inputs, Features = [.. features] });
        var document = new PipelineDocument
        {
            Model = "m", Task = task, Label = "y", Features = plan.State, Predictor = model.Format,
            Classes = task switch { TaskKind.Binary => ["false", "true"], TaskKind.Multiclass => ["a", "b", "c"], _ => [] },
        };
        var rows = Enumerable.Range(0, Math.Min(100, matrix.Rows)).Select(r =>
        {
            var row = plan.Schema.NewRow();
            for (var c = 0; c < inputs.Length; c++) row.SetNumber(c, matrix.Row(r)[c]);
            return row;
        });
        return new ExplanationSetup(new ScoringPipeline(document, plan, model, 1), new Background(plan, [.. rows]));
    }

    /// <summary>For each row and output the contributions of the slots and the expected value.</summary>
    internal static double[] Native(string text, FeatureMatrix features, int outputs)
    {
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterLoadModelFromString(text, out _, out var booster));
        var sparse = SparseRows.Of(features);
        var columns = features.Slots.Any(s => s.OneHot) ? (int)sparse.Columns : features.Slots.Count;
        var raw = new double[features.Rows * outputs * (columns + 1)];
        fixed (long* starts = sparse.Starts)
        fixed (int* indices = sparse.Indices)
        fixed (float* sparseValues = sparse.Values, dense = features.Values)
        fixed (double* first = raw)
        {
            LightGbmNative.Check(features.Slots.Any(s => s.OneHot)
                ? LightGbmNative.LGBM_BoosterPredictForCSR(booster, starts, LightGbmNative.Int64, indices, sparseValues, LightGbmNative.Float32, sparse.Starts.Length,
                    sparse.Values.Length, sparse.Columns, Contributions, 0, -1, "", out _, first)
                : LightGbmNative.LGBM_BoosterPredictForMat(booster, dense, LightGbmNative.Float32, features.Rows, columns, 1, Contributions, 0, -1, "", out _, first));
        }

        LightGbmNative.LGBM_BoosterFree(booster);
        var result = new double[features.Rows * outputs * (features.Slots.Count + 1)];
        for (var i = 0; i < features.Rows * outputs; i++)
        {
            var column = 0;
            for (var s = 0; s < features.Slots.Count; s++)
            {
                var width = features.Slots[s].OneHot ? features.Slots[s].Cardinality : 1;
                for (var c = 0; c < width; c++) result[i * (features.Slots.Count + 1) + s] += raw[i * (columns + 1) + column++];
            }

            result[i * (features.Slots.Count + 1) + features.Slots.Count] = raw[i * (columns + 1) + columns];
        }

        return result;
    }
}
