namespace Serverless.Scoring;

/// <summary>A fitted model over feature vectors. Thread-safe, allocation-free when asked for one row.</summary>
public interface IPredictor
{
    /// <summary>How it is stored: lightgbm, trees, linear, additive, constant. One <see cref="IPredictorFormat"/> reads and writes each.</summary>
    string Format { get; }

    /// <summary>1 for regression (the value) and binary (the probability of true); the number of classes for multiclass (probabilities that sum to 1).</summary>
    int Outputs { get; }

    /// <summary>Scores one row of feature slots into <paramref name="outputs"/>, on the scale of the answer (after sigmoid or softmax).</summary>
    void Predict(ReadOnlySpan<float> features, Span<double> outputs);
}

/// <summary>Writes and reads a kind of predictor; deterministic: the same predictor gives the same bytes.</summary>
public interface IPredictorFormat
{
    string Format { get; }

    /// <summary>File name within model.zip.</summary>
    string FileName { get; }

    void Write(IPredictor predictor, Stream stream);

    IPredictor Read(Stream stream);
}
