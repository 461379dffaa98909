namespace Serverless.Scoring.Predictors;

/// <summary>
/// Weighted sums. A number slot has one weight; a category slot of cardinality k has k, of which the category's own is added, none when it is missing.
/// A missing number adds nothing.
/// </summary>
public sealed class LinearPredictor : IAdditivePredictor
{
    private readonly int[] cardinalities;
    private readonly int[] offsets;
    private readonly double[][] weights;
    private readonly double[] biases;

    /// <param name="cardinalities">For each slot 0 (a number) or the number of categories.</param>
    /// <param name="weights">For each output, the weights of all slots one after another.</param>
    /// <param name="biases">For each output.</param>
    public LinearPredictor(IReadOnlyList<int> cardinalities, IReadOnlyList<double[]> weights, IReadOnlyList<double> biases, Link link)
    {
        this.cardinalities = [.. cardinalities];
        (this.weights, this.biases, Link) = ([.. weights], [.. biases], link);
        offsets = new int[cardinalities.Count];
        var width = 0;
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = width;
            width += Math.Max(1, cardinalities[i]);
        }

        if (weights.Count == 0 || weights.Count != biases.Count || weights.Any(w => w.Length != width))
        {
            throw new InvalidDataException($"a linear predictor over {offsets.Length} slots needs {width} weights and one bias for each output");
        }
    }

    public string Format => LinearFormat.Name;

    public int Outputs => weights.Length;

    public Link Link { get; }

    public IReadOnlyList<int> Cardinalities => cardinalities;

    public IReadOnlyList<double[]> Weights => weights;

    public IReadOnlyList<double> Biases => biases;

    public void Predict(ReadOnlySpan<float> features, Span<double> outputs)
    {
        Scores(features, outputs);
        Links.Apply(Link, 1, 0, outputs[..weights.Length]);
    }

    public void Scores(ReadOnlySpan<float> features, Span<double> scores)
    {
        for (var k = 0; k < weights.Length; k++)
        {
            var (w, sum) = (weights[k], biases[k]);
            for (var s = 0; s < cardinalities.Length; s++)
            {
                var x = features[s];
                if (float.IsNaN(x)) continue;
                if (cardinalities[s] == 0) sum += w[offsets[s]] * x;
                else if (x >= 0 && x < cardinalities[s]) sum += w[offsets[s] + (int)x];
            }

            scores[k] = sum;
        }
    }

    public double Intercept(int output) => biases[output];

    public double Term(int output, int slot, float value)
    {
        if (float.IsNaN(value)) return 0;
        if (cardinalities[slot] == 0) return weights[output][offsets[slot]] * value;
        return value >= 0 && value < cardinalities[slot] ? weights[output][offsets[slot] + (int)value] : 0;
    }
}
