using System.Globalization;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Rollouts;

/// <summary>
/// Shares follow the rewards. Epsilon-greedy: the best arm has 1 - epsilon, the others divide epsilon. Thompson: each arm has its probability of being the best (probability matching), at least a
/// floor. Subjects keep their arm while shares stay. Rewards that come late do not bias: only days whose rewards have had time to come count; old days fade by the discount.
/// </summary>
internal sealed class BanditPolicy : IRolloutPolicy
{
    public RolloutKind Kind => RolloutKind.Bandit;

    public IReadOnlyList<RolloutVariant> Begin(RolloutDefinition terms, int champion, int challenger) => Splits.Of(terms, champion, challenger);

    public IEnumerable<string?> Metrics(RolloutDefinition terms) => [terms.Metric];

    public RolloutMove Next(RolloutRecord rollout, RolloutEvidence evidence)
    {
        if (evidence.Now - rollout.StepAt < rollout.Terms.Every) return new RolloutMove.Stay($"shares are set anew at {(rollout.StepAt + rollout.Terms.Every).UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        var arms = Arms(rollout, evidence);
        if (arms.All(a => a.Count == 0)) return new RolloutMove.Stay("no rewards yet");
        if (Shares(rollout.Terms, arms) is not { } shares) return new RolloutMove.Stay("too few rewards to tell the arms apart");
        var text = string.Join(", ", arms.Select((a, i) => string.Create(CultureInfo.InvariantCulture, $"{a.Variant.Name} {a.Mean:0.####} over {a.Count:0.#}: {shares[i]:0.##} %")));
        var next = rollout.Variants.Select((v, i) => v with { Percent = shares[i] }).ToList();
        return next.Zip(rollout.Variants).All(p => Math.Abs(p.First.Percent - p.Second.Percent) < 0.005) ? new RolloutMove.Stay($"shares stay: {text}") : new RolloutMove.Share(next, text);
    }

    /// <summary>Outcomes of days that are complete, weighed by their age.</summary>
    internal static IReadOnlyList<Arm> Arms(RolloutRecord rollout, RolloutEvidence evidence)
    {
        var terms = rollout.Terms;
        var today = DateOnly.FromDateTime(evidence.Now.UtcDateTime);
        var last = DateOnly.FromDateTime((evidence.Now - terms.Delay).UtcDateTime);
        // A day is complete when its last subject has had its delay; without a delay today counts too.
        if (terms.Delay > TimeSpan.Zero) last = last.AddDays(-1);
        return Arm.Of(rollout, evidence.OutcomesOf(terms.Metric), day => day > last ? 0 : Math.Pow(terms.Discount, Math.Max(0, today.DayNumber - day.DayNumber)));
    }

    /// <summary>Percent of each arm, which add up to 100; null before there is enough to tell.</summary>
    internal static double[]? Shares(RolloutDefinition terms, IReadOnlyList<Arm> arms)
    {
        var (sign, share) = (terms.LessIsBetter ? -1 : 1, arms.All(a => a.Share));
        if (terms.Algorithm == BanditAlgorithm.EpsilonGreedy)
        {
            // An arm nobody met yet is worth a look before any other; Beta(1,1) keeps one lucky reward from deciding.
            var best = Enumerable.Range(0, arms.Count).MaxBy(i => share ? sign * (arms[i].Sum + 1) / (arms[i].Count + 2) : arms[i].Count == 0 ? double.PositiveInfinity : sign * arms[i].Mean);
            return Rounded([.. arms.Select((_, i) => i == best ? 100 * (1 - terms.Epsilon) : 100 * terms.Epsilon / (arms.Count - 1))]);
        }

        var beliefs = arms.Select(a => a.Belief(share, sign)).ToArray();
        if (beliefs.Any(b => b is null)) return null;
        var probabilities = BestArm.Probabilities([.. beliefs.Select(b => b!.Value)]);
        var free = 100 - (terms.Floor * arms.Count);
        return Rounded([.. probabilities.Select(p => terms.Floor + (free * p))]);
    }

    // Shares with two decimals that add up to exactly 100: what rounding leaves goes to the largest.
    private static double[] Rounded(double[] shares)
    {
        var rounded = shares.Select(s => Math.Round(s, 2)).ToArray();
        var largest = Array.IndexOf(rounded, rounded.Max());
        rounded[largest] = Math.Round(100 - rounded.Where((_, i) => i != largest).Sum(), 2);
        return rounded;
    }
}
