using Serverless.Drift.Statistics;

namespace Serverless.Statistics;

/// <summary>
/// Whether two classifiers are right equally often, from the rows on which one is right and the other wrong. Source: Q. McNemar, Psychometrika 12 (1947); mid-p: M. W.
/// Fagerland, S. Lydersen, P. Laake, BMC Medical Research Methodology 13:91 (2013), who recommend it.
/// </summary>
/// <param name="FirstOnly">Rows that only the first has right.</param>
/// <param name="SecondOnly">Rows that only the second has right.</param>
internal sealed record McNemar(long FirstOnly, long SecondOnly)
{
    private long Discordant => FirstOnly + SecondOnly;

    /// <summary>Two-sided exact p-value (binomial with one half): never too small, often too large.</summary>
    public double Exact => Discordant == 0 ? 1 : Math.Min(1, 2 * LowerTail());

    /// <summary>Half of the observed table's own probability taken off: close to the stated level.</summary>
    public double MidP => Discordant == 0 ? 1 : Math.Min(1, (2 * LowerTail()) - Probability(Math.Min(FirstOnly, SecondOnly)));

    /// <summary>Chi-square with Edwards' continuity correction, one degree of freedom.</summary>
    public double ChiSquareCorrected => Discordant == 0 ? 0 : Square(Math.Max(0, Math.Abs(FirstOnly - SecondOnly) - 1)) / Discordant;

    public double ChiSquareUncorrected => Discordant == 0 ? 0 : Square(FirstOnly - SecondOnly) / Discordant;

    public double PValueCorrected => ChiSquare.UpperTail(ChiSquareCorrected, 1);

    private double LowerTail()
    {
        double sum = 0, term = Probability(Math.Min(FirstOnly, SecondOnly));
        for (var k = Math.Min(FirstOnly, SecondOnly); k >= 0 && term > sum * 1e-18; k--)
        {
            sum += term;
            term *= k / (double)(Discordant - k + 1);
        }

        return sum;
    }

    private double Probability(long k) => SaddlePoint.Binomial(k, Discordant, 0.5, 0.5);

    private static double Square(double x) => x * x;
}
