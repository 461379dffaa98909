using Serverless.Drift.Samples;

namespace Serverless.Drift.Statistics;

/// <summary>
/// Hosking's L-moments (1990): location, scale, skewness and kurtosis as linear combinations of the ordered values, so that a few extreme ones do not decide, and
/// sampling noise is small. Unbiased; orders for which there are too few values are 0.
/// </summary>
/// <param name="Location">Mean less the origin.</param>
/// <param name="Scale">Half the mean difference of two values.</param>
internal readonly record struct LMoments(double Location, double Scale, double Skewness, double Kurtosis)
{
    /// <param name="origin">Subtracted from every value first, for precision.</param>
    /// <param name="unit">In which values are counted: location and scale are so many of it.</param>
    public static LMoments Of(NumericSample sample, double origin, double unit = 1)
    {
        Span<double> b = stackalloc double[4];
        Span<double> upTo = stackalloc double[4];
        double n = sample.Count, seen = 0;
        for (var i = 0; i < sample.Values.Length; i++)
        {
            seen += sample.CountAt(i);
            var share = 1.0;
            for (var r = 0; r < 4 && r < n; r++)
            {
                share *= (seen - r) / (n - r);
                b[r] += ((sample.Values[i] / unit) - (origin / unit)) * (share - upTo[r]) / (r + 1);
                upTo[r] = share;
            }
        }

        var scale = n > 1 ? (2 * b[1]) - b[0] : 0;
        return new(b[0], scale,
            n > 2 && scale > 0 ? ((6 * b[2]) - (6 * b[1]) + b[0]) / scale : 0,
            n > 3 && scale > 0 ? ((20 * b[3]) - (30 * b[2]) + (12 * b[1]) - b[0]) / scale : 0);
    }
}
