using System.Globalization;
using Serverless.Problems;
using Serverless.Registry;

namespace Serverless.Rollouts;

/// <summary>Which variant a subject has, and why: the same computation as for its predictions.</summary>
public interface ISubjectAssignments
{
    /// <summary>Throws <see cref="DataException"/> when the flags make no sense.</summary>
    Task<SubjectAssignment> OfAsync(string model, string subject, IReadOnlyList<string> groups, CancellationToken cancel = default);
}

/// <param name="Rollout">Null without a rollout: the champion answers.</param>
/// <param name="Version">Version that answers; null when the model has none.</param>
/// <param name="Reason">As the prediction log writes it.</param>
/// <param name="Percentage">Where the subject stands between 0 and 100.</param>
/// <param name="SubjectHash">As the prediction log writes it.</param>
public sealed record SubjectAssignment(string Model, string Subject, string? Rollout, string? Variant, int? Version, string? Reason, double? Percentage, string? SubjectHash, string Sentence);

internal sealed class SubjectAssignments(IFlagStore flags, IModelRegistry registry) : ISubjectAssignments
{
    public async Task<SubjectAssignment> OfAsync(string model, string subject, IReadOnlyList<string> groups, CancellationToken cancel = default)
    {
        var champion = await registry.AliasAsync(model, Alias.Champion, cancel);
        var all = (await flags.ReadAsync(null, cancel))?.Flags;
        if (all?.GetValueOrDefault(RolloutFlags.AllocationOf(model)) is not { } json)
        {
            return new SubjectAssignment(model, subject, null, null, champion, null, null, null, "There is no rollout: the champion answers everybody.");
        }

        var flag = FlagFile.Read(json);
        var rollout = flag.Metadata.GetValueOrDefault(RolloutFlags.RolloutKey);
        if (all.GetValueOrDefault(RolloutFlags.SliceOf(model)) is { } slice)
        {
            var parts = AllocationPlan.Compile(FlagFile.Read(slice));
            var part = parts.Assign(subject);
            if (parts.Variants[part.Variant].Name != RolloutFlags.Inside) return Answer(RolloutVariant.Champion, champion, AssignmentReason.Outside, part.Hash);
        }

        var plan = AllocationPlan.Compile(flag);
        var assigned = plan.Assign(subject, groups);
        var variant = plan.Variants[assigned.Variant];
        return Answer(variant.Name, variant.Version ?? champion, assigned.Reason, assigned.Hash);

        SubjectAssignment Answer(string name, int? version, AssignmentReason reason, ulong hash)
        {
            var percentage = AllocationPlan.Percentage(hash);
            var place = string.Create(CultureInfo.InvariantCulture, $"stands at {percentage:0.####} of 100");
            var why = reason switch
            {
                AssignmentReason.User => "is named", AssignmentReason.Group => "belongs to a named group", AssignmentReason.Percentile => place,
                AssignmentReason.Off => "has the default, because the flag is switched off", AssignmentReason.Outside => $"is outside of the rollout's part of its layer ({place})", _ => "has the default",
            };
            return new SubjectAssignment(model, subject, rollout, name, version, reason.Word(), percentage, hash.ToString("x16", CultureInfo.InvariantCulture), $"'{subject}' has {name} (version {version}): it {why}.");
        }
    }
}
