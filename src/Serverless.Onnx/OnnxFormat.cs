using Serverless.Scoring;

namespace Serverless.Onnx;

/// <summary>model.onnx: the imported model as one file, with the binding among its metadata.</summary>
public sealed class OnnxFormat : IPredictorFormat
{
    public const string Name = "onnx";

    public const string File = "model.onnx";

    public string Format => Name;

    public string FileName => File;

    public void Write(IPredictor predictor, Stream stream) => stream.Write(((OnnxPredictor)predictor).Bytes);

    public IPredictor Read(Stream stream)
    {
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return new OnnxPredictor(buffer.ToArray());
    }
}
