using System.Globalization;
using Serverless.Drift.Samples;

namespace Serverless.Drift.Upstream;

/// <summary>A column that stopped being filled, wholly or partly: the change of the missing share that the report names, where it went up.</summary>
internal sealed class NotFilledRule : IUpstreamRule
{
    public IEnumerable<UpstreamChange> Look(ColumnSample reference, ColumnSample current)
    {
        var missing = MissingComparison.Compare(reference, current);
        if (!missing.Drifted || missing.Current <= missing.Reference) yield break;
        yield return new UpstreamChange
        {
            Column = reference.Name, Kind = UpstreamKind.NotFilled, Share = missing.Current,
            Message = current.Count == 0 ? $"the column stopped being filled: no row has a value; in the reference {Percent(1 - missing.Reference)} had one."
                : $"the column is filled in {Percent(1 - missing.Current)} of the rows; in the reference in {Percent(1 - missing.Reference)}.",
        };
    }

    private static string Percent(double share) => share.ToString("0.# %", CultureInfo.InvariantCulture);
}
