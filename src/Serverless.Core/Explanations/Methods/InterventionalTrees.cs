using System.Buffers;
using Serverless.Datasets;
using Serverless.Explanations.Trees;
using Serverless.Scoring.Predictors;

namespace Serverless.Explanations.Methods;

/// <summary>
/// Exact Shapley values over raw columns against a background sample (Lundberg et al., "From local explanations to global understanding with explainable AI for trees", Nature Machine Intelligence 2,
/// 2020): what the model says when some columns are the row's and the others are a background row's, averaged over the background.
/// A leaf is reached by a mixture exactly if the columns at which the background row leaves its path come from the row, and the columns at which the row leaves it come from the background row.
/// Which columns a background row fails at is the same for every row that is explained, so the background is grouped by it, leaf by leaf, when a model is loaded.
/// </summary>
internal sealed class InterventionalTrees : IExplanationMethod
{
    public string Name => "interventional";

    public int? Rank(ExplanationSetup setup) => 1;

    public string? Obstacle(ExplanationSetup setup) =>
        TreeModel.Of(setup.Pipeline.Predictor) is null ? "the model is no sum of trees" : setup.NeedsBackground() ?? setup.NeedsMixtures();

    public IRowExplainer Prepare(ExplanationSetup setup) => new Prepared(setup);

    internal sealed class Prepared : IRowExplainer
    {
        private readonly TreeModel model;
        private readonly TreeEnsemble trees;
        private readonly ColumnGame game;
        private readonly LeafPatterns?[] patterns;
        private readonly PairWalk? walk;
        private readonly ShapleyWeights weights;
        private readonly double[] expected;
        private readonly int mostNodes;

        public Prepared(ExplanationSetup setup)
        {
            model = TreeModel.Of(setup.Pipeline.Predictor)!;
            (trees, game) = (model.Ensemble, setup.Game);
            var background = setup.Background!;
            var rows = Math.Min(ExplanationSetup.BackgroundRows, background.Rows.Length);
            weights = new ShapleyWeights(Math.Min(64, game.Players) + 1);
            patterns = [.. Enumerable.Range(0, trees.Trees).Select(t => LeafPatterns.TryBuild(model, t, game, background, rows, weights))];
            if (Array.Exists(patterns, p => p is null)) walk = new PairWalk(model, game, background, rows, [.. Enumerable.Range(0, trees.Trees).Where(t => patterns[t] is null)]);
            mostNodes = model.Nodes.Length == 0 ? 0 : model.Nodes.Max(n => n.Length);
            expected = setup.Background!.MeanScores(setup.Score, rows);
        }

        public bool Exact => true;

        public double Baseline(int output) => expected[output];

        public void Explain(RawRow row, ReadOnlySpan<float> features, int output, Attribution into)
        {
            into.Clear();
            var failed = ArrayPool<ulong>.Shared.Rent(mostNodes + 1);
            for (var t = output; t < trees.Trees; t += trees.Outputs) patterns[t]?.Add(features, failed, into.Columns);
            ArrayPool<ulong>.Shared.Return(failed);
            walk?.Add(row, features, output, into.Columns);
            into.Baseline = expected[output];
            var score = expected[output];
            foreach (var value in into.Columns) score += value;
            into.Score = score;
        }
    }
}
