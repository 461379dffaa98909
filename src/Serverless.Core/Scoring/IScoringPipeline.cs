using Serverless.Datasets;
using Serverless.Models;

namespace Serverless.Scoring;

/// <summary>A registered model version ready to answer: features and predictor as one. Thread-safe; a row and a scratch belong to one caller at a time.</summary>
public interface IScoringPipeline
{
    string Model { get; }

    int Version { get; }

    ModelSchema Schema { get; }

    /// <summary>Scores one raw row. <paramref name="outputs"/> has <see cref="ModelSchema.Outputs"/> places; <paramref name="features"/> has <see cref="ModelSchema.FeatureCount"/>.</summary>
    void Score(RawRow row, Span<float> features, Span<double> outputs);
}

/// <summary>What a model takes and gives.</summary>
public sealed record ModelSchema
{
    public required TaskKind Task { get; init; }

    /// <summary>Raw columns that features read (the label's own columns only if a feature reads them too).</summary>
    public required IReadOnlyList<RawColumn> Inputs { get; init; }

    /// <summary>Class names by index for multiclass; <c>false, true</c> for binary; empty for regression.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    public required int FeatureCount { get; init; }

    public int Outputs => Task == TaskKind.Multiclass ? Classes.Count : 1;

    /// <summary>Probability above which a binary prediction is true.</summary>
    public double Threshold { get; init; } = 0.5;
}
