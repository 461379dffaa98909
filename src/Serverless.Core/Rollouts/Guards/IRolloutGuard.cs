using Serverless.Gating;

namespace Serverless.Rollouts;

/// <summary>Something that ends a rollout by itself when it goes wrong. One file each, one test, one line in <see cref="RolloutServices"/>. Stateless.</summary>
internal interface IRolloutGuard
{
    /// <summary>As the model file writes it.</summary>
    string Name { get; }

    IReadOnlyList<GuardSetting> Settings { get; }

    /// <summary>Outcomes that it reads, by metric.</summary>
    IEnumerable<string?> Metrics(GuardSettings settings) => [];

    /// <summary>Judges every variant that is not the champion. Without enough evidence nothing is wrong.</summary>
    GuardVerdict Judge(GuardSettings settings, RolloutRecord rollout, RolloutEvidence evidence);
}

/// <param name="Broken">The rollout has to end.</param>
/// <param name="Message">What was seen and what it was compared with, thresholds included.</param>
/// <param name="Value">The figure that was compared; null without evidence.</param>
public sealed record GuardVerdict(string Guard, bool Broken, string Message, double? Value = null);
