namespace Serverless.Scoring;

/// <summary>A format whose library is loaded only when a model of it is read or written: the start of a server that has none does not pay for it.</summary>
public sealed class LatePredictorFormat(string format, string fileName, Func<IPredictorFormat> make) : IPredictorFormat
{
    private readonly Lazy<IPredictorFormat> real = new(make);

    public string Format => format;

    public string FileName => fileName;

    public void Write(IPredictor predictor, Stream stream) => real.Value.Write(predictor, stream);

    public IPredictor Read(Stream stream) => real.Value.Read(stream);
}
