using Serverless.Datasets;
using Serverless.Features;

namespace Serverless.Scoring;

/// <summary>Feature plan and predictor of one model version. Immutable after construction, so any number of threads may score at once.</summary>
public sealed class ScoringPipeline : IScoringPipeline
{
    public ScoringPipeline(PipelineDocument document, FeaturePlan features, IPredictor predictor, int version)
    {
        (Document, Features, Predictor, Version, Schema) = (document, features, predictor, version, document.Schema());
        if (predictor.Outputs != Schema.Outputs)
        {
            throw new InvalidDataException($"the predictor gives {predictor.Outputs} outputs where the model has {Schema.Outputs}");
        }
    }

    public string Model => Document.Model;

    public int Version { get; }

    public ModelSchema Schema { get; }

    public PipelineDocument Document { get; }

    public FeaturePlan Features { get; }

    public IPredictor Predictor { get; }

    /// <summary>Null where the model does not look for outliers.</summary>
    public Outliers.OutlierDetector? Outliers { get; init; }

    /// <summary>What its files take unpacked, and about what it takes in memory; 0 = not known.</summary>
    public long Bytes { get; init; }

    public void Score(RawRow row, Span<float> features, Span<double> outputs)
    {
        features = features[..Schema.FeatureCount];
        Features.Fill(row, features);
        Predictor.Predict(features, outputs);
    }
}
