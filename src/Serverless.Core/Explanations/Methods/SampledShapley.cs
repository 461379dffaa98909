using Serverless.Datasets;

namespace Serverless.Explanations.Methods;

/// <summary>
/// Shapley values over raw columns of any model, by sampled permutations: columns of a background row are exchanged for those of the row one after another in a random order and in its reverse
/// (antithetic; Štrumbelj and Kononenko, JMLR 11, 2010; Mitchell et al., JMLR 23, 2022). Every background row is used equally often, so contributions and baseline add up to the score exactly;
/// how they are shared has the stated standard error.
/// </summary>
internal sealed class SampledShapley : IExplanationMethod
{
    /// <summary>Pairs of an order and its reverse; a multiple of the background's rows is taken.</summary>
    private const int Pairs = 200;

    public string Name => "sampled";

    public int? Rank(ExplanationSetup setup) => 9;

    public string? Obstacle(ExplanationSetup setup) => setup.NeedsBackground();

    public IRowExplainer Prepare(ExplanationSetup setup) => new Prepared(setup);

    private sealed class Prepared : IRowExplainer
    {
        private readonly ExplanationSetup setup;
        private readonly int rows;
        private readonly int rounds;
        private readonly double[] expected;

        public Prepared(ExplanationSetup setup)
        {
            this.setup = setup;
            rows = Math.Min(ExplanationSetup.BackgroundRows, setup.Background!.Rows.Length);
            rounds = (Pairs + rows - 1) / rows;
            expected = setup.Background!.MeanScores(setup.Score, rows);
        }

        public bool Exact => false;

        public double Baseline(int output) => expected[output];

        public void Explain(RawRow row, ReadOnlySpan<float> features, int output, Attribution into)
        {
            into.Clear();
            var (game, background) = (setup.Game, setup.Background!);
            var (mixed, values) = (game.Plan.Schema.NewRow(), new float[game.Slots]);
            var order = Enumerable.Range(0, game.Players).ToArray();
            var random = new Random(setup.Seed);
            var (pair, squares) = (new double[game.Players], new double[game.Players]);
            var score = setup.Score.One(features, output);
            var count = rows * rounds;
            for (var round = 0; round < rounds; round++)
            {
                for (var r = 0; r < rows; r++)
                {
                    random.Shuffle(order);
                    Array.Clear(pair);
                    for (var side = 0; side < 2; side++, Array.Reverse(order)) Exchange(row, background.Rows[r], setup.Score.One(background.Row(r), output), score, order, mixed, values, output, pair);
                    for (var p = 0; p < pair.Length; p++)
                    {
                        into.Columns[p] += pair[p] / count;
                        squares[p] += pair[p] * pair[p];
                    }
                }
            }

            for (var p = 0; p < pair.Length; p++)
            {
                var variance = Math.Max(0, squares[p] / count - into.Columns[p] * into.Columns[p]) * count / Math.Max(1, count - 1);
                into.StandardErrors[p] = Math.Sqrt(variance / count);
            }

            (into.Baseline, into.Score) = (expected[output], score);
        }

        private void Exchange(RawRow row, RawRow other, double before, double score, int[] order, RawRow mixed, float[] values, int output, double[] pair)
        {
            for (var column = 0; column < order.Length; column++) ColumnGame.Copy(other, mixed, column);
            for (var i = 0; i < order.Length; i++)
            {
                ColumnGame.Copy(row, mixed, order[i]);
                var now = score;
                if (i < order.Length - 1)
                {
                    setup.Game.Plan.Fill(mixed, values);
                    now = setup.Score.One(values, output);
                }

                pair[order[i]] += (now - before) / 2;
                before = now;
            }
        }
    }
}
