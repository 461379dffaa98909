namespace Serverless.Scoring.Predictors;

/// <summary>The same answer for every row: the share of true, the shares of the classes, or the mean.</summary>
public sealed class ConstantPredictor(IReadOnlyList<double> values) : IPredictor
{
    private readonly double[] values = values.Count > 0 ? [.. values] : throw new ArgumentException("no values", nameof(values));

    public string Format => ConstantFormat.Name;

    public int Outputs => values.Length;

    public IReadOnlyList<double> Values => values;

    public void Predict(ReadOnlySpan<float> features, Span<double> outputs) => values.CopyTo(outputs);
}
