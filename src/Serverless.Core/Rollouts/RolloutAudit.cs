using System.Globalization;
using Serverless.Registry;

namespace Serverless.Rollouts;

/// <summary>The moves of rollouts, for the audit of their model: a process that dies between moving one and saying so loses nothing.</summary>
internal sealed class RolloutAudit(RolloutRecords records) : IAuditSource
{
    public async Task<IReadOnlyList<OwedEntry>> OwedAsync(string model, CancellationToken cancel) => [.. (await records.AllAsync(model, cancel)).SelectMany(r => Owed(r.Record))];

    public static IReadOnlyList<OwedEntry> Owed(RolloutRecord rollout) =>
        [.. rollout.History.Select((entry, i) => new OwedEntry(entry, string.Create(CultureInfo.InvariantCulture, $"rollout-{rollout.Number:D6}-{i:D5}")))];
}
