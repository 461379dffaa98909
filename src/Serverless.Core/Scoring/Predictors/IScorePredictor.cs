namespace Serverless.Scoring.Predictors;

/// <summary>A predictor whose answer is a link of scores: trees, linear models, sums of shape functions. Explanations add up on the scale of the scores.</summary>
public interface IScorePredictor : IPredictor
{
    Link Link { get; }

    /// <summary>What the link takes, slope and offset included: log-odds for a sigmoid, the value itself for the identity. One place for each output.</summary>
    void Scores(ReadOnlySpan<float> features, Span<double> scores);
}

/// <summary>A predictor whose scores are sums of terms, each of one slot alone.</summary>
public interface IAdditivePredictor : IScorePredictor
{
    /// <summary>What the score of an output is without any term.</summary>
    double Intercept(int output);

    /// <summary>What a slot's value adds to the score of an output. NaN is a missing value.</summary>
    double Term(int output, int slot, float value);
}

public static class Scores
{
    /// <summary>From scores to answers, in place.</summary>
    public static void ToAnswers(Link link, Span<double> scores) => Links.Apply(link, 1, 0, scores);
}
