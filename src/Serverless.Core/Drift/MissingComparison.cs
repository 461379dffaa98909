using Serverless.Drift.Methods;
using Serverless.Drift.Samples;

namespace Serverless.Drift;

/// <summary>
/// Whether the share of missing values changed. Both are asked for, whatever the size: more than chance (two-proportion z) and more than trifling (Jensen-Shannon
/// distance), so that neither one lost cell of many million nor three of ten is an alarm.
/// </summary>
internal static class MissingComparison
{
    public const double PValueBelow = 0.01;
    public const double DistanceFrom = 0.1;

    public static MissingShares Compare(ColumnSample reference, ColumnSample current)
    {
        var p = ProportionMethod.Test(reference.Missing, reference.Rows, current.Missing, current.Rows).PValue;
        double before = reference.Missing / (double)reference.Rows, after = current.Missing / (double)current.Rows;
        var distance = JensenShannonMethod.Distance([before, 1 - before], [after, 1 - after]);
        return new MissingShares { Reference = before, Current = after, PValue = p, Distance = distance, Drifted = p < PValueBelow && distance >= DistanceFrom };
    }
}
