namespace Serverless.Scoring.Predictors;

/// <summary>A sum of functions of one slot each (generalised additive model): every answer can be read off its curves.</summary>
public sealed class AdditivePredictor : IAdditivePredictor
{
    private readonly double[] biases;
    private readonly AdditiveShape[] shapes;

    /// <param name="biases">For each output.</param>
    public AdditivePredictor(IReadOnlyList<double> biases, IReadOnlyList<AdditiveShape> shapes, Link link)
    {
        (this.biases, this.shapes, Link) = ([.. biases], [.. shapes], link);
        if (biases.Count == 0) throw new InvalidDataException("an additive predictor needs an output");
        foreach (var shape in shapes)
        {
            if (shape.Output < 0 || shape.Output >= biases.Count || shape.Slot < 0) throw new InvalidDataException($"a shape of slot {shape.Slot} belongs to output {shape.Output} of {biases.Count}");
            if (shape.Bounds is { } bounds && bounds.Count != shape.Effects.Count - 1) throw new InvalidDataException($"the shape of slot {shape.Slot} has {bounds.Count} bounds for {shape.Effects.Count} effects");
        }

        Slots = shapes.Count == 0 ? 0 : shapes.Max(s => s.Slot) + 1;
    }

    public string Format => AdditiveFormat.Name;

    public int Outputs => biases.Length;

    public Link Link { get; }

    /// <summary>Feature slots that it reads: 0 .. Slots - 1.</summary>
    public int Slots { get; }

    /// <summary>Each output's sum begins with it.</summary>
    public IReadOnlyList<double> Biases => biases;

    public IReadOnlyList<AdditiveShape> Shapes => shapes;

    public void Predict(ReadOnlySpan<float> features, Span<double> outputs)
    {
        Raw(features, outputs);
        Links.Apply(Link, 1, 0, outputs[..biases.Length]);
    }

    /// <inheritdoc/>
    public void Scores(ReadOnlySpan<float> features, Span<double> scores) => Raw(features, scores);

    public double Intercept(int output) => biases[output];

    public double Term(int output, int slot, float value)
    {
        var sum = 0.0;
        foreach (var shape in shapes) if (shape.Slot == slot && shape.Output == output) sum += shape.Effect(value);
        return sum;
    }

    /// <summary>Sums of effects, before the link.</summary>
    public void Raw(ReadOnlySpan<float> features, Span<double> outputs)
    {
        if (features.Length < Slots) throw new ArgumentException($"a row of {features.Length} features; the shapes read {Slots}");
        biases.CopyTo(outputs);
        foreach (var shape in shapes) outputs[shape.Output] += shape.Effect(features[shape.Slot]);
    }
}

/// <summary>What one slot adds to one output.</summary>
public sealed class AdditiveShape
{
    private readonly double[]? bounds;
    private readonly double[] effects;

    /// <param name="bounds">For a number: the greatest value of each bin but the last, ascending. Null for a category.</param>
    /// <param name="effects">For each bin, or for each category.</param>
    public AdditiveShape(int output, int slot, IReadOnlyList<double>? bounds, IReadOnlyList<double> effects) =>
        (Output, Slot, this.bounds, this.effects) = (output, slot, bounds is null ? null : [.. bounds], [.. effects]);

    public int Output { get; }

    public int Slot { get; }

    public IReadOnlyList<double>? Bounds => bounds;

    public IReadOnlyList<double> Effects => effects;

    /// <summary>A value that is missing, and a category never seen, add nothing.</summary>
    public double Effect(float value)
    {
        if (float.IsNaN(value)) return 0;
        if (bounds is null) return value >= 0 && value < effects.Length ? effects[(int)value] : 0;
        // The first bin whose bound is not below the value; the last one when all are.
        var (from, to) = (0, bounds.Length);
        while (from < to)
        {
            var middle = (from + to) >> 1;
            if (bounds[middle] < value) from = middle + 1;
            else to = middle;
        }

        return effects[from];
    }
}
