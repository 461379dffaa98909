using Serverless.Registry;

namespace Serverless.Rollouts;

/// <summary>Versions of a rollout under way: they answer, or are to be gone back to.</summary>
internal sealed class RolloutVersions(RolloutRecords records) : IVersionHolder
{
    public async Task<IReadOnlyList<HeldVersion>> HeldAsync(string model, CancellationToken cancel) =>
    [
        .. (await records.AllAsync(model, cancel)).Select(r => r.Record).Where(r => r.Active)
            .SelectMany(r => r.Variants.Select(v => v.Version).Append(r.Champion).Append(r.Challenger).Distinct().Select(v => new HeldVersion(v, $"rollout {r.Id} has it"))),
    ];
}
