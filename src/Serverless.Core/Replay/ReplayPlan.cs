namespace Serverless.Replay;

/// <summary>What the first step of a replay leaves for the last, in <c>runs/&lt;run&gt;/replay.json</c>.</summary>
internal sealed record ReplayPlan
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Key of the drop with the rows that fit; null when none does.</summary>
    public string? Drop { get; init; }

    public required IReadOnlyList<ReplayedFile> Files { get; init; }
}

/// <param name="Key">The quarantine file.</param>
/// <param name="ETag">As it was read.</param>
/// <param name="LeftKey">Object with the rows that stay; null when none does.</param>
internal sealed record ReplayedFile(string Key, string ETag, long Fit, long Left, string? LeftKey);
