namespace Serverless.Erasure;

/// <summary>What an erasure remembers. The condition itself lies in <c>runs/&lt;run&gt;/condition.json</c> until the end, and nowhere afterwards.</summary>
public sealed record EraseState
{
    public required string Dataset { get; init; }

    public required string By { get; init; }

    public required string Reason { get; init; }

    /// <summary>The condition without its values.</summary>
    public required string Condition { get; init; }

    /// <summary>Also remove what cannot be searched: broken lines in quarantine, and drops that were rejected as a whole.</summary>
    public bool Unreadable { get; init; }

    public EraseReport? Report { get; init; }
}

/// <summary>What an erasure removed, or would remove.</summary>
public sealed record EraseReport
{
    public required string Dataset { get; init; }

    /// <summary>Without its values.</summary>
    public required string Condition { get; init; }

    public required string Reason { get; init; }

    public string? Run { get; init; }

    /// <summary>Version of the dataset that records it; null when no partition had such rows.</summary>
    public int? Version { get; init; }

    /// <summary>Rows removed from partitions, superseded ones included.</summary>
    public long Rows { get; init; }

    /// <summary>Partitions that were rewritten, by the id that they had.</summary>
    public IReadOnlyList<Partitions.Erasure> Partitions { get; init; } = [];

    /// <summary>Rows removed or blanked elsewhere: by place.</summary>
    public IReadOnlyDictionary<string, long> Elsewhere { get; init; } = new Dictionary<string, long>();

    /// <summary>Drops removed from landing, because they held such rows.</summary>
    public IReadOnlyList<string> Drops { get; init; } = [];

    /// <summary>Rows and rejected drops that cannot be searched: kept, unless it was asked to remove them too.</summary>
    public long Unreadable { get; init; }

    /// <summary>Model versions that learned from such rows; they are not changed: <c>flight-delay 3</c>.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];
}
