using System.Buffers;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;

namespace Serverless.Explanations;

/// <summary>The scale on which contributions add up.</summary>
public enum ScoreScale
{
    /// <summary>The predicted value itself.</summary>
    Value,

    /// <summary>Logarithm of the odds: the probability is 1 / (1 + exp(-score)).</summary>
    LogOdds,

    /// <summary>Score of a class before all classes are brought to a sum of one.</summary>
    ClassScore,

    /// <summary>A probability, where the model shows nothing behind it.</summary>
    Probability,
}

/// <summary>The scores of any predictor: before the link where it shows them, its answers where it does not.</summary>
internal sealed class ScoreFunction(IPredictor predictor)
{
    private readonly IScorePredictor? scored = predictor as IScorePredictor;

    public int Outputs => predictor.Outputs;

    public ScoreScale Scale(Models.TaskKind task) => scored?.Link switch
    {
        Link.Sigmoid => ScoreScale.LogOdds,
        Link.Softmax => ScoreScale.ClassScore,
        Link.NormalisedSigmoid => ScoreScale.LogOdds,
        _ => task == Models.TaskKind.Regression ? ScoreScale.Value : ScoreScale.Probability,
    };

    /// <summary>All scores of a row.</summary>
    public void All(ReadOnlySpan<float> features, Span<double> scores)
    {
        if (scored is not null) scored.Scores(features, scores);
        else predictor.Predict(features, scores);
    }

    /// <summary>One score of a row.</summary>
    public double One(ReadOnlySpan<float> features, int output)
    {
        if (Outputs <= 64)
        {
            Span<double> few = stackalloc double[Outputs];
            All(features, few);
            return few[output];
        }

        var many = ArrayPool<double>.Shared.Rent(Outputs);
        All(features, many.AsSpan(0, Outputs));
        var score = many[output];
        ArrayPool<double>.Shared.Return(many);
        return score;
    }

    /// <summary>From scores to answers, in place.</summary>
    public void ToAnswers(Span<double> scores)
    {
        if (scored is not null) Scoring.Predictors.Scores.ToAnswers(scored.Link, scores);
    }
}
