namespace Serverless.Scoring.Predictors;

/// <summary>From raw scores to answers.</summary>
public enum Link
{
    /// <summary>The score is the answer.</summary>
    Identity,

    /// <summary>1 / (1 + exp(-slope * score)).</summary>
    Sigmoid,

    /// <summary>exp(score_k) / sum of exp(score_j), with the greatest score subtracted first.</summary>
    Softmax,

    /// <summary>Sigmoid of each score, divided by their sum (one against all).</summary>
    NormalisedSigmoid,

    /// <summary>exp(score): counts and amounts.</summary>
    Exp,

    /// <summary>The score is a share already: kept within 0 and 1, and of several divided by their sum (forests).</summary>
    Proportion,
}

internal static class Links
{
    public static void Apply(Link link, double slope, double offset, Span<double> scores)
    {
        switch (link)
        {
            case Link.Sigmoid:
                scores[0] = Sigmoid(slope * scores[0] + offset);
                break;
            case Link.Softmax:
                Softmax(scores);
                break;
            case Link.NormalisedSigmoid:
                Normalise(scores, slope, offset);
                break;
            case Link.Exp:
                foreach (ref var s in scores) s = Math.Exp(s);
                break;
            case Link.Proportion:
                Share(scores);
                break;
        }
    }

    private static void Share(Span<double> scores)
    {
        var sum = 0.0;
        foreach (ref var s in scores)
        {
            s = Math.Clamp(s, 0, 1);
            sum += s;
        }

        if (scores.Length == 1) return;
        foreach (ref var s in scores) s = sum > 0 ? s / sum : 1.0 / scores.Length;
    }

    private static double Sigmoid(double x) => 1.0 / (1.0 + Math.Exp(-x));

    private static void Softmax(Span<double> scores)
    {
        var max = scores[0];
        foreach (var s in scores) max = Math.Max(max, s);
        var sum = 0.0;
        foreach (ref var s in scores)
        {
            s = Math.Exp(s - max);
            sum += s;
        }

        foreach (ref var s in scores) s /= sum;
    }

    private static void Normalise(Span<double> scores, double slope, double offset)
    {
        var sum = 0.0;
        foreach (ref var s in scores)
        {
            s = Sigmoid(slope * s + offset);
            sum += s;
        }

        foreach (ref var s in scores) s = sum > 0 ? s / sum : 1.0 / scores.Length;
    }
}
