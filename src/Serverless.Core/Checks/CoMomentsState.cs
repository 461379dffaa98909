using System.Text.Json.Serialization;

namespace Serverless.Checks;

/// <summary>
/// Means, spreads and co-spread of two columns over the rows in which both are filled. Source of the merge: Pébay, "Formulas for robust, one-pass parallel computation of
/// covariances and arbitrary-order statistical moments" (2008), equations 3.11 and 2.1.
/// </summary>
/// <param name="XX">Sum of (x - mean of x) squared.</param>
/// <param name="YY">Sum of (y - mean of y) squared.</param>
/// <param name="XY">Sum of their products.</param>
public sealed record CoMomentsState(long Count, double MeanX, double MeanY, double XX, double YY, double XY) : AggregateState
{
    public static CoMomentsState None { get; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>Pearson's; null where a column is constant or there is nothing.</summary>
    [JsonIgnore]
    public double? Correlation => Count == 0 || !(XX > 0) || !(YY > 0) ? null : Math.Clamp(XY / (Math.Sqrt(XX) * Math.Sqrt(YY)), -1, 1);

    public override AggregateState Merge(AggregateState other)
    {
        var o = (CoMomentsState)other;
        if (o.Count == 0) return this;
        if (Count == 0) return o;
        var n = Count + o.Count;
        var (dx, dy) = (o.MeanX - MeanX, o.MeanY - MeanY);
        var weight = (double)Count * o.Count / n;
        return new CoMomentsState(n, MeanX + (dx * o.Count / n), MeanY + (dy * o.Count / n),
            XX + o.XX + (dx * dx * weight), YY + o.YY + (dy * dy * weight), XY + o.XY + (dx * dy * weight));
    }
}
