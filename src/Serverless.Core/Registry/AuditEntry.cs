namespace Serverless.Registry;

/// <summary>One thing that happened to a model's versions. Entries are only ever added.</summary>
/// <param name="Action">refused, registered, awaiting-approval, approved, rejected, expired, promoted, rolled-back, removed, stopped, resumed; unreadable in the place of an entry that cannot be read.</param>
/// <param name="Version">The version that it is about, or that the champion moved to; null where there is none (refused by the gate, stopped, resumed).</param>
/// <param name="From">The champion before.</param>
/// <param name="By">Who or what: <c>cli:alice</c>, <c>api:ci</c>, <c>run:train-...</c>, <c>gate</c>, <c>time</c>.</param>
/// <param name="Comment">Why.</param>
public sealed record AuditEntry(string Model, string Action, int? Version, int? From, string By, string Comment, DateTimeOffset At)
{
    /// <summary>The run that it came from, if any.</summary>
    public string? Run { get; init; }
}

/// <summary>An entry that a record holds, with the key that it has in the audit: of any number of copies, one is kept.</summary>
internal sealed record OwedEntry(AuditEntry Entry, string Key);

/// <summary>Whose records hold entries that the audit may lack, because a process died between the two.</summary>
internal interface IAuditSource
{
    Task<IReadOnlyList<OwedEntry>> OwedAsync(string model, CancellationToken cancel);
}
