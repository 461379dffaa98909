namespace Serverless.Scoring.Predictors;

/// <summary>A model that LightGBM trained: its own text, kept as it is so that any LightGBM reads it, and the same trees in flat arrays.</summary>
public sealed class LightGbmPredictor : IBatchPredictor, IScorePredictor
{
    private readonly TreeEnsemble trees;

    /// <exception cref="InvalidDataException">Not a LightGBM model, or of a kind that is not supported; the message says which.</exception>
    public LightGbmPredictor(string text)
    {
        Text = text;
        trees = LightGbmText.Parse(text);
    }

    /// <summary>LightGBM's text format, version 4.</summary>
    public string Text { get; }

    public TreeEnsemble Trees => trees;

    public string Format => LightGbmFormat.Name;

    public int Outputs => trees.Outputs;

    public Link Link => trees.Link;

    public void Scores(ReadOnlySpan<float> features, Span<double> scores) => trees.Scores(features, scores);

    public void Predict(ReadOnlySpan<float> features, Span<double> outputs) => trees.Predict(features, outputs);

    public void PredictMany(ReadOnlySpan<float> features, int rows, int width, Span<double> outputs) => trees.PredictMany(features, rows, width, outputs);
}

/// <summary>model.txt: LightGBM's text.</summary>
internal sealed class LightGbmFormat : IPredictorFormat
{
    public const string Name = "lightgbm";

    public string Format => Name;

    public string FileName => "model.txt";

    public void Write(IPredictor predictor, Stream stream) => stream.Write(System.Text.Encoding.UTF8.GetBytes(((LightGbmPredictor)predictor).Text));

    public IPredictor Read(Stream stream)
    {
        using var reader = new StreamReader(stream, System.Text.Encoding.UTF8);
        return new LightGbmPredictor(reader.ReadToEnd());
    }
}
