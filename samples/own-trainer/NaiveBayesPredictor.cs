using Serverless.Scoring;

namespace OwnTrainer;

/// <summary>What was learned, and nothing of how: thread-safe, and without the trainer.</summary>
/// <param name="Priors">Logarithm of each class's share.</param>
/// <param name="Cardinalities">For each slot 0 (a number) or the number of categories.</param>
/// <param name="Tables">By class and slot: logarithms of frequencies, or mean and deviation.</param>
public sealed record NaiveBayesPredictor(double[] Priors, int[] Cardinalities, double[][][] Tables) : IPredictor
{
    public string Format => "naive-bayes";

    public int Outputs => Priors.Length == 2 ? 1 : Priors.Length;

    public void Predict(ReadOnlySpan<float> features, Span<double> outputs)
    {
        Span<double> scores = stackalloc double[Priors.Length];
        Priors.CopyTo(scores);
        for (var k = 0; k < scores.Length; k++)
        {
            for (var s = 0; s < Cardinalities.Length; s++)
            {
                var (x, table) = (features[s], Tables[k][s]);
                if (float.IsNaN(x)) continue;
                scores[k] += Cardinalities[s] > 0 ? table[(int)x] : -Math.Log(table[1]) - (x - table[0]) * (x - table[0]) / (2 * table[1] * table[1]);
            }
        }

        var (max, sum) = (scores[0], 0.0);
        foreach (var score in scores) max = Math.Max(max, score);
        foreach (ref var score in scores) sum += score = Math.Exp(score - max);
        if (Outputs == 1) outputs[0] = scores[1] / sum;
        else for (var k = 0; k < scores.Length; k++) outputs[k] = scores[k] / sum;
    }
}
