using Serverless.Drift.Samples;
using Serverless.Drift.Statistics;

namespace Serverless.Drift.Methods;

/// <summary>Two-proportion z-test, pooled: for what has two values. The statistic is positive when the reference has the greater share.</summary>
internal sealed class ProportionMethod : ShareMethod
{
    public override string Name => "z";

    public override DriftScale Scale => DriftScale.PValue;

    public override double DefaultThreshold => DriftDefaults.PValue;

    public override string Compares => "columns of two values";

    public override bool Takes(ColumnSample reference, ColumnSample current) => IsBinary(reference, current);

    /// <summary>At most two different values, both sides taken together.</summary>
    public static bool IsBinary(ColumnSample reference, ColumnSample current) =>
        reference.Categories is { } a && current.Categories is { } b ? a.Labels.Length <= 2 && b.Labels.Length <= 2 && a.Labels.Union(b.Labels).Count() <= 2
        : reference.Numbers is { } x && current.Numbers is { } y && x.Distinct(2) <= 2 && y.Distinct(2) <= 2 && Contingency.Of(x, y).Count <= 2;

    /// <returns>z and the two-sided p-value; 0 and 1 where nothing varies.</returns>
    public static (double Z, double PValue) Test(double successes1, double n1, double successes2, double n2)
    {
        var pooled = (successes1 + successes2) / (n1 + n2);
        var error = Math.Sqrt(pooled * (1 - pooled) * ((1 / n1) + (1 / n2)));
        if (!(error > 0)) return (0, 1);
        var z = ((successes1 / n1) - (successes2 / n2)) / error;
        return (z, ChiSquare.TwoSidedNormal(z));
    }

    protected override DriftMeasure Compare(Contingency table)
    {
        var (z, p) = Test(table.Reference[^1], table.Reference.Sum(), table.Current[^1], table.Current.Sum());
        return new DriftMeasure { Statistic = z, PValue = p, Rule = $"share of '{table.Labels[^1]}', pooled" };
    }
}
