using System.Globalization;
using Serverless.Drift.Statistics;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Rollouts;

/// <summary>The reading of an A/B test: plan, division of the subjects, and each challenger against the champion.</summary>
internal sealed class Experiment
{
    /// <summary>Below this p-value the subjects were not divided as planned: something is broken, and no outcome can be trusted. Source: A. Fabijan et al., KDD 2019.</summary>
    public const double MismatchAlpha = 0.001;

    /// <summary>Subjects with an outcome that each arm has to have before a normal approximation is used.</summary>
    public const int FewestToRead = 100;

    private readonly RolloutRecord rollout;

    public Experiment(RolloutRecord rollout, RolloutEvidence evidence)
    {
        this.rollout = rollout;
        var (terms, rows) = (rollout.Terms, evidence.OutcomesOf(rollout.Terms.Metric));
        // Whole days: those that began within the window of novelty do not count.
        var settled = rollout.StartedAt + terms.Novelty;
        var first = DateOnly.FromDateTime(settled.UtcDateTime);
        if (terms.Novelty > TimeSpan.Zero && settled.UtcDateTime.TimeOfDay > TimeSpan.Zero) first = first.AddDays(1);
        Arms = Arm.Of(rollout, rows, day => day >= first ? 1 : 0);
        Champion = Arms.FirstOrDefault(a => a.Variant.Version == rollout.Champion) ?? Arms[^1];
        Mismatch = RatioMismatch();
        var alpha = (1 - terms.Confidence) / Math.Max(1, Arms.Count - 1);
        Confidence = 1 - alpha;
        Planned = (long)Math.Ceiling(Plan());
        Readings = [.. Arms.Where(a => a != Champion).Select(Read)];
    }

    public IReadOnlyList<Arm> Arms { get; }

    public Arm Champion { get; }

    /// <summary>Of each comparison, so that all together have the confidence that was asked for (Bonferroni).</summary>
    public double Confidence { get; }

    /// <summary>Subjects with an outcome that each arm needs.</summary>
    public long Planned { get; }

    /// <summary>P-value of the planned division; null without subjects.</summary>
    public double? Mismatch { get; }

    public IReadOnlyList<Reading> Readings { get; }

    /// <summary>Every arm has what the plan asks for.</summary>
    public bool Complete => Arms.All(a => a.Count >= Planned);

    public int Sign => rollout.Terms.LessIsBetter ? -1 : 1;

    private double Plan()
    {
        var terms = rollout.Terms;
        var baseline = Math.Clamp(terms.Baseline ?? 0.5, 1e-6, 1 - 1e-6);
        if (terms.Reading == ExperimentReading.Fixed)
        {
            return terms.Deviation is { } deviation ? SampleSize.OfMeans(deviation, terms.Effect, terms.Power, Confidence) : SampleSize.OfShares(baseline, terms.Effect, terms.Power, Confidence);
        }

        return SampleSize.Sequential(terms.Deviation is { } d ? d * d : baseline * (1 - baseline), terms.Effect, terms.Power, Confidence);
    }

    private double? RatioMismatch()
    {
        var (total, percent) = ((double)Arms.Sum(a => a.Subjects), Arms.Sum(a => a.Variant.Percent));
        if (total < 1 || percent <= 0) return null;
        var statistic = Arms.Where(a => a.Variant.Percent > 0).Sum(a => Math.Pow(a.Subjects - (total * a.Variant.Percent / percent), 2) / (total * a.Variant.Percent / percent));
        return ChiSquare.UpperTail(statistic, Arms.Count - 1);
    }

    private Reading Read(Arm arm)
    {
        var least = rollout.LeastP.GetValueOrDefault(arm.Variant.Name, 1);
        if (arm.Count < 2 || Champion.Count < 2) return new Reading(arm, double.NaN, double.NaN, double.NaN, 1, least);
        var difference = arm.Mean - Champion.Mean;
        var variance = (arm.Variance / arm.Count) + (Champion.Variance / Champion.Count);
        var readable = arm.Count >= FewestToRead && Champion.Count >= FewestToRead && variance > 0;
        var sequential = rollout.Terms.Reading == ExperimentReading.Sequential;
        var half = !readable ? double.NaN : sequential ? AlwaysValid.HalfWidth(variance, rollout.Terms.Effect, Confidence) : NormalQuantile.TwoSided(Confidence) * Math.Sqrt(variance);
        var p = arm.Share && Champion.Share ? ShareTest.Z(arm.Sum, arm.Count, Champion.Sum, Champion.Count).P : ShareTest.Means(difference, variance).P;
        return new Reading(arm, difference, difference - half, difference + half, p, readable ? Math.Min(least, AlwaysValid.PValue(difference, variance, rollout.Terms.Effect)) : least);
    }

    /// <summary>Probability of being the best, by arm; null before there is enough.</summary>
    public double[]? Best()
    {
        var share = Arms.All(a => a.Share);
        var beliefs = Arms.Select(a => a.Belief(share, Sign)).ToArray();
        return beliefs.All(b => b is not null) ? BestArm.Probabilities([.. beliefs.Select(b => b!.Value)]) : null;
    }

    public string Text(Reading r) => string.Create(CultureInfo.InvariantCulture,
        $"{r.Arm.Variant.Name} {r.Arm.Mean:0.####} ({r.Arm.Count:0} subjects) against {Champion.Mean:0.####} ({Champion.Count:0}): difference {r.Difference:0.####}, {Confidence * 100:0.##} % between {r.Lower:0.####} and {r.Upper:0.####}");
}

/// <summary>A challenger against the champion.</summary>
/// <param name="P">Of a z-test that is looked at once.</param>
/// <param name="AlwaysValidP">The least so far of a sequential test.</param>
internal sealed record Reading(Arm Arm, double Difference, double Lower, double Upper, double P, double AlwaysValidP);
