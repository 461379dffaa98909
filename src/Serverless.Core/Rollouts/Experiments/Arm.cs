using Serverless.Statistics;

namespace Serverless.Rollouts;

/// <summary>Outcomes of one variant, added up. Weights of days may make counts fractional.</summary>
internal sealed record Arm(RolloutVariant Variant, long Subjects, double Count, double Sum, double SumOfSquares)
{
    /// <summary>Every value is 0 or 1.</summary>
    public bool Share => Math.Abs(Sum - SumOfSquares) <= 1e-9 * Math.Max(1, Math.Abs(Sum));

    public double Mean => Count > 0 ? Sum / Count : double.NaN;

    /// <summary>Of one value.</summary>
    public double Variance => Count > 1 ? Math.Max(0, (SumOfSquares - (Sum * Sum / Count)) / (Count - 1)) : double.NaN;

    /// <param name="weigh">Weight of the outcomes of a day; 0 = left out.</param>
    public static IReadOnlyList<Arm> Of(RolloutRecord rollout, IReadOnlyList<OutcomeRow> rows, Func<DateOnly, double> weigh) =>
        [.. rollout.Variants.Select(v =>
        {
            var mine = rows.Where(r => r.Variant == v.Name).ToList();
            double Total(Func<OutcomeRow, double> of) => mine.Sum(r => weigh(r.Day) * of(r));
            return new Arm(v, mine.Sum(r => r.Subjects), Total(r => r.Count), Total(r => r.Sum), Total(r => r.SumOfSquares));
        })];

    /// <summary>Null before there is enough to believe anything of a mean.</summary>
    public Belief? Belief(bool share, int sign)
    {
        if (share) return sign > 0 ? Statistics.Belief.OfShare(Sum, Count - Sum) : Statistics.Belief.OfShare(Count - Sum, Sum);
        return Count >= 10 && Variance > 0 ? Statistics.Belief.OfMean(sign * Mean, Variance / Count) : null;
    }
}
