using System.Text.Json;
using Serverless.Scoring;

namespace OwnTrainer;

/// <summary>naive-bayes.json within model.zip. The same predictor gives the same bytes.</summary>
public sealed class NaiveBayesFormat : IPredictorFormat
{
    public string Format => "naive-bayes";

    public string FileName => "naive-bayes.json";

    public void Write(IPredictor predictor, Stream stream) => JsonSerializer.Serialize(stream, (NaiveBayesPredictor)predictor);

    public IPredictor Read(Stream stream) => JsonSerializer.Deserialize<NaiveBayesPredictor>(stream) ?? throw new InvalidDataException($"{FileName} is empty");
}
