using System.Globalization;
using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Methods;

/// <summary>Pearson's chi-square test of homogeneity on the 2 x k table, with Yates' correction for k = 2: SciPy's chi2_contingency.</summary>
internal sealed class ChiSquareMethod : ShareMethod
{
    public override string Name => "chi2";

    public override DriftScale Scale => DriftScale.PValue;

    public override double DefaultThreshold => DriftDefaults.PValue;

    /// <returns>Statistic, degrees of freedom and p-value; one category only: 0, 0 and 1.</returns>
    public static (double Statistic, int Degrees, double PValue) Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double n1 = 0, n2 = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            n1 += reference[i];
            n2 += current[i];
        }

        var degrees = reference.Length - 1;
        if (degrees < 1) return (0, 0, 1);
        double statistic = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            double column = reference[i] + current[i];
            statistic += Cell(reference[i], n1 * column / (n1 + n2), degrees == 1) + Cell(current[i], n2 * column / (n1 + n2), degrees == 1);
        }

        return (statistic, degrees, ChiSquare.UpperTail(statistic, degrees));
    }

    protected override DriftMeasure Compare(Contingency table)
    {
        var (statistic, degrees, p) = Test(table.Reference, table.Current);
        var rule = string.Create(CultureInfo.InvariantCulture, $"{table.Rule}; {degrees} degrees of freedom{(degrees == 1 ? ", Yates' correction" : "")}");
        return new DriftMeasure { Statistic = statistic, PValue = p, Rule = rule };
    }

    // Yates: half a count nearer to what is expected, but not past it (as SciPy does).
    private static double Cell(double observed, double expected, bool yates)
    {
        var difference = Math.Abs(observed - expected);
        if (yates) difference -= Math.Min(0.5, difference);
        return difference * difference / expected;
    }
}
