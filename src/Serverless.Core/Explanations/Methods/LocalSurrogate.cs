using Serverless.Datasets;

namespace Serverless.Explanations.Methods;

/// <summary>
/// A linear model of the model around one row, after LIME (Ribeiro, Singh, Guestrin, KDD 2016): rows in which some columns are kept and the others come from background rows are scored, and a weighted ridge
/// regression says what keeping each column does; rows that keep more weigh more. Not additive to the score; its R2 around the row says how far to believe it. Only when asked for.
/// </summary>
internal sealed class LocalSurrogate : IExplanationMethod
{
    private const int Samples = 2000;
    private const double Ridge = 1e-3;

    /// <summary>Width of the kernel on the share of columns that were exchanged: LIME's 0.75 on the square root scale.</summary>
    private const double KernelWidth = 0.75;

    public string Name => "lime";

    public int? Rank(ExplanationSetup setup) => null;

    public string? Obstacle(ExplanationSetup setup) => setup.NeedsBackground();

    public IRowExplainer Prepare(ExplanationSetup setup) => new Prepared(setup);

    private sealed class Prepared : IRowExplainer
    {
        private readonly ExplanationSetup setup;
        private readonly double[] expected;

        public Prepared(ExplanationSetup setup)
        {
            this.setup = setup;
            expected = setup.Background!.MeanScores(setup.Score, setup.Background.Rows.Length);
        }

        public bool Exact => false;

        // Its own intercept is the baseline of the explained output; this is for the other classes.
        public double Baseline(int output) => expected[output];

        public void Explain(RawRow row, ReadOnlySpan<float> features, int output, Attribution into)
        {
            into.Clear();
            var (game, background, players) = (setup.Game, setup.Background!, setup.Game.Players);
            var (mixed, values) = (game.Plan.Schema.NewRow(), new float[game.Slots]);
            var random = new Random(setup.Seed);
            var (kept, scores, kernel) = (new bool[Samples * players], new double[Samples], new double[Samples]);
            for (var s = 0; s < Samples; s++)
            {
                var other = background.Rows[random.Next(background.Rows.Length)];
                var exchanged = 0;
                for (var c = 0; c < players; c++)
                {
                    var keep = kept[s * players + c] = s == 0 || random.Next(2) == 0;
                    ColumnGame.Copy(keep ? row : other, mixed, c);
                    if (!keep) exchanged++;
                }

                game.Plan.Fill(mixed, values);
                scores[s] = setup.Score.One(values, output);
                kernel[s] = Math.Exp(-((double)exchanged / players) / (KernelWidth * KernelWidth));
            }

            Fit(kept, scores, kernel, players, into);
            into.Score = setup.Score.One(features, output);
        }

        private static void Fit(bool[] kept, double[] scores, double[] kernel, int players, Attribution into)
        {
            var total = kernel.Sum();
            var centre = scores.Zip(kernel, (y, w) => y * w).Sum() / total;
            var means = new double[players];
            for (var s = 0; s < scores.Length; s++) for (var c = 0; c < players; c++) if (kept[s * players + c]) means[c] += kernel[s] / total;
            var (matrix, right) = (new double[players, players], new double[players]);
            for (var s = 0; s < scores.Length; s++)
            {
                for (var a = 0; a < players; a++)
                {
                    var x = (kept[s * players + a] ? 1 : 0) - means[a];
                    right[a] += kernel[s] * x * (scores[s] - centre);
                    for (var b = 0; b <= a; b++) matrix[a, b] += kernel[s] * x * ((kept[s * players + b] ? 1 : 0) - means[b]);
                }
            }

            for (var a = 0; a < players; a++) matrix[a, a] += Ridge * total;
            Drift.Shape.Series.SolveSymmetric(matrix, right).CopyTo(into.Columns, 0);
            into.Baseline = centre - means.Zip(into.Columns, (m, w) => m * w).Sum();
            var (residual, spread) = (0.0, 0.0);
            for (var s = 0; s < scores.Length; s++)
            {
                var said = into.Baseline;
                for (var c = 0; c < players; c++) if (kept[s * players + c]) said += into.Columns[c];
                residual += kernel[s] * (scores[s] - said) * (scores[s] - said);
                spread += kernel[s] * (scores[s] - centre) * (scores[s] - centre);
            }

            into.Fidelity = spread > 0 ? 1 - residual / spread : 1;
        }
    }
}
