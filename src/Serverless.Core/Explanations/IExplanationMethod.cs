using Serverless.Datasets;
using Serverless.Scoring;

namespace Serverless.Explanations;

/// <summary>A way to say what each raw column did to a score. One file, one test, one registration in <see cref="ExplanationsServices"/>.</summary>
internal interface IExplanationMethod
{
    /// <summary>As it is asked for: <c>interventional</c>, <c>path-dependent</c>, ...</summary>
    string Name { get; }

    /// <summary>Where several methods can explain a model, the one with the lowest rank is taken; null = only when asked for.</summary>
    int? Rank(ExplanationSetup setup);

    /// <summary>Why it cannot explain this model; null when it can.</summary>
    string? Obstacle(ExplanationSetup setup);

    /// <summary>Everything that depends on model and background only, computed once.</summary>
    IRowExplainer Prepare(ExplanationSetup setup);
}

/// <summary>A prepared method. Thread-safe; an <see cref="Attribution"/> belongs to one caller at a time.</summary>
internal interface IRowExplainer
{
    /// <summary>Contributions and baseline add up to the score, and a second look gives the same to the last digit.</summary>
    bool Exact { get; }

    /// <summary>The score of an output when nothing is known of the row: a mean over training rows or over the background.</summary>
    double Baseline(int output);

    /// <param name="features">The features of <paramref name="row"/>.</param>
    /// <param name="output">Place of the explained score: 0, or the class.</param>
    void Explain(RawRow row, ReadOnlySpan<float> features, int output, Attribution into);
}

/// <summary>What a method is made from.</summary>
internal sealed class ExplanationSetup(ScoringPipeline pipeline, Background? background, string? whyNone = null)
{
    /// <summary>Background rows of the methods that compare a row with each of them.</summary>
    public const int BackgroundRows = 100;

    public ScoringPipeline Pipeline { get; } = pipeline;

    public ScoreFunction Score { get; } = new(pipeline.Predictor);

    public ColumnGame Game { get; } = new(pipeline.Features);

    /// <summary>Null when the version kept no reference.</summary>
    public Background? Background { get; } = background;

    /// <summary>Draws of sampling methods: the same row of the same version is explained alike every time.</summary>
    public int Seed { get; init; } = 42;

    public string? NeedsBackground() => Background is not null ? null : $"it compares a row with rows that the version learned from, and {whyNone ?? "this version kept none"}";

    public string? NeedsMixtures() =>
        Game.Enumerable ? null : $"a feature reads more than {ColumnGame.MostColumnsOfOneFeature} raw columns, too many mixtures to try them all; take 'sampled'";
}
