using Serverless.Datasets;
using Serverless.Scoring.Predictors;

namespace Serverless.Explanations.Methods;

/// <summary>
/// Exact Shapley values of a model whose score is a sum of terms, each of one slot: linear and logistic models, sums of shape functions (GAM). A term's value less its mean over the background goes to its
/// column (Štrumbelj and Kononenko, KAIS 41, 2014): for a linear model weight x (value - mean). A category of many 0/1 columns is one slot here, and so one term. A term over several raw columns is
/// shared by its own Shapley value, from all mixtures of them.
/// </summary>
internal sealed class AdditiveTerms : IExplanationMethod
{
    public string Name => "additive";

    public int? Rank(ExplanationSetup setup) => 0;

    public string? Obstacle(ExplanationSetup setup) =>
        setup.Pipeline.Predictor is not IAdditivePredictor ? "the model is no sum of terms of one feature each" : setup.NeedsBackground() ?? setup.NeedsMixtures();

    public IRowExplainer Prepare(ExplanationSetup setup) => new Prepared(setup);

    private sealed class Prepared : IRowExplainer
    {
        private readonly IAdditivePredictor predictor;
        private readonly ColumnGame game;
        private readonly Background background;
        private readonly int rows;
        private readonly double[][] means;
        private readonly double[] expected;
        private readonly ShapleyWeights weights;

        public Prepared(ExplanationSetup setup)
        {
            predictor = (IAdditivePredictor)setup.Pipeline.Predictor;
            (game, background) = (setup.Game, setup.Background!);
            // Means cost nothing later, so they are of all rows; mixtures are made for each explained row.
            rows = game.Mixtures.Length == 0 ? background.Rows.Length : Math.Min(ExplanationSetup.BackgroundRows, background.Rows.Length);
            weights = new ShapleyWeights(ColumnGame.MostColumnsOfOneFeature);
            means = [.. Enumerable.Range(0, predictor.Outputs).Select(k => Enumerable.Range(0, game.Slots)
                .Select(s => Enumerable.Range(0, rows).Sum(r => predictor.Term(k, s, background.Row(r)[s])) / rows).ToArray())];
            expected = [.. means.Select((m, k) => predictor.Intercept(k) + m.Sum())];
        }

        public bool Exact => true;

        public double Baseline(int output) => expected[output];

        public void Explain(RawRow row, ReadOnlySpan<float> features, int output, Attribution into)
        {
            into.Clear();
            var mean = means[output];
            into.Baseline = into.Score = expected[output];
            for (var slot = 0; slot < game.Slots; slot++)
            {
                var contribution = predictor.Term(output, slot, features[slot]) - mean[slot];
                into.Slots[slot] = contribution;
                into.Score += contribution;
                if (game.Single[slot] is >= 0 and var column) into.Columns[column] += contribution;
            }

            into.HasSlots = true;
            if (game.Mixtures.Length > 0) AddMixtures(row, output, into.Columns);
        }

        private void AddMixtures(RawRow row, int output, Span<double> columns)
        {
            var values = game.NewMixtureValues();
            var (scratch, features) = (game.Plan.Schema.NewRow(), new float[game.Slots]);
            for (var r = 0; r < rows; r++)
            {
                game.Mix(row, background.Rows[r], scratch, features, values);
                for (var m = 0; m < game.Mixtures.Length; m++) Add(game.Mixtures[m], values[m], output, columns);
            }
        }

        private void Add(ColumnGame.Mixture mixture, float[] values, int output, Span<double> columns)
        {
            var (players, slots) = (mixture.Columns.Length, mixture.Slots.Length);
            for (var mask = 0; mask < 1 << players; mask++)
            {
                var worth = 0.0;
                for (var i = 0; i < slots; i++) worth += predictor.Term(output, mixture.Slots[i], values[mask * slots + i]);
                worth /= rows;
                // The coalition pays this when exactly its own are in.
                var inside = System.Numerics.BitOperations.PopCount((uint)mask);
                for (var j = 0; j < players; j++)
                {
                    columns[mixture.Columns[j]] += (mask >> j & 1) != 0 ? worth * weights.Inside(inside, players - inside) : -worth * weights.Outside(inside, players - inside);
                }
            }
        }
    }
}
