using System.Globalization;
using Serverless.Models;

namespace Serverless.Rollouts;

/// <summary>
/// Subjects are divided at random and stay where they are, until the outcomes say who is better, or that there is no difference worth having. Read sequentially it may be looked at every day;
/// read once, it waits for the planned number. A division that is not as planned stops it: then nothing can be trusted.
/// </summary>
internal sealed class AbPolicy : IRolloutPolicy
{
    public RolloutKind Kind => RolloutKind.Ab;

    public IReadOnlyList<RolloutVariant> Begin(RolloutDefinition terms, int champion, int challenger) => Splits.Of(terms, champion, challenger);

    public IEnumerable<string?> Metrics(RolloutDefinition terms) => [terms.Metric];

    public RolloutMove Next(RolloutRecord rollout, RolloutEvidence evidence)
    {
        var test = new Experiment(rollout, evidence);
        if (test.Mismatch < Experiment.MismatchAlpha)
        {
            return new RolloutMove.Pause($"sample ratio mismatch: {string.Join(", ", test.Arms.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Variant.Name} has {a.Subjects} subjects where {a.Variant.Percent:0.##} % were planned")))} "
                + string.Create(CultureInfo.InvariantCulture, $"(p {test.Mismatch:0.#####}); find out why before reading anything else"));
        }

        var least = test.Readings.ToDictionary(r => r.Arm.Variant.Name, r => r.AlwaysValidP, StringComparer.Ordinal);
        var over = rollout.Terms.For is { } longest && evidence.Now - rollout.StartedAt >= longest;
        var sequential = rollout.Terms.Reading == ExperimentReading.Sequential;
        if (!sequential && !test.Complete && !over) return new RolloutMove.Stay(Progress(test), least);
        var decided = test.Readings.Where(r => (sequential ? r.AlwaysValidP : r.P) < 1 - test.Confidence && !double.IsNaN(r.Lower)).ToList();
        if (decided.Where(r => r.Difference * test.Sign > 0).MaxBy(r => r.Difference * test.Sign) is { } winner)
        {
            var won = $"{winner.Arm.Variant.Name} is better: {test.Text(winner)}";
            return rollout.Terms.PromoteWinner ? new RolloutMove.Promote(winner.Arm.Variant.Version, won) : new RolloutMove.End(won);
        }

        if (decided.Count == test.Readings.Count && decided.Count > 0) return new RolloutMove.End($"the champion is better: {string.Join("; ", decided.Select(test.Text))}");
        if (!test.Complete && !over) return new RolloutMove.Stay(Progress(test), least);
        var certain = test.Complete ? string.Create(CultureInfo.InvariantCulture, $"a difference of {rollout.Terms.Effect} would have been found with a probability of {rollout.Terms.Power * 100:0.#} %")
            : string.Create(CultureInfo.InvariantCulture, $"its time was over before each variant had the planned {test.Planned} subjects, so a difference may have been missed");
        return new RolloutMove.End($"no difference found: {string.Join("; ", test.Readings.Select(test.Text))}; {certain}");
    }

    private static string Progress(Experiment test) => $"{string.Join(", ", test.Arms.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Variant.Name} {a.Count:0}")))} of {test.Planned.ToString(CultureInfo.InvariantCulture)} subjects with an outcome each";
}
