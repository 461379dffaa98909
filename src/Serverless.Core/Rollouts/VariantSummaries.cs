namespace Serverless.Rollouts;

internal static class VariantSummaries
{
    public static IEnumerable<VariantSummary> Of(RolloutRecord rollout, RolloutEvidence evidence)
    {
        var names = rollout.Variants.Select(v => v.Name).Where(n => n != RolloutVariant.Shadow).Concat(evidence.Totals.Select(t => t.Variant)).Distinct(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var seen = evidence.Of(name);
            var variant = rollout.Variants.FirstOrDefault(v => v.Name == name) ?? rollout.Variants.FirstOrDefault(v => v.Name == RolloutVariant.Shadow && name == RolloutVariant.Challenger);
            yield return new VariantSummary(name, variant?.Version, variant?.Percent ?? 0, seen.Calls, seen.Failures, Quantile(seen.Latency, 0.5), Quantile(seen.Latency, 0.99),
                seen.Compared, seen.Compared == 0 ? null : (double)seen.Differing / seen.Compared, seen.Compared == 0 ? null : seen.Difference / seen.Compared, seen.Dropped);
        }
    }

    private static double? Quantile(SparseCounts counts, double quantile) => counts.Total == 0 ? null : Buckets.TimeAt(counts.BucketOf((long)Math.Ceiling(counts.Total * quantile))) / 1000;
}
