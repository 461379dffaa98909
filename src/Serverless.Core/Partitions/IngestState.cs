namespace Serverless.Partitions;

/// <summary>What an ingest run remembers. It begins with the object in landing, and ends with the report.</summary>
public sealed record IngestState
{
    public required string Dataset { get; init; }

    /// <summary>Object key of the drop, <c>landing/&lt;dataset&gt;/&lt;file&gt;</c>.</summary>
    public required string Key { get; init; }

    /// <summary>ETag of the drop when the run began: a drop replaced meanwhile is another drop.</summary>
    public required string ETag { get; init; }

    /// <summary>Who or what brought it.</summary>
    public required string By { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>Do not supersede what an earlier drop of the same name wrote for the same periods; add to it.</summary>
    public bool Append { get; init; }

    /// <summary>Where a pulled drop comes from.</summary>
    public DropOrigin? Origin { get; init; }

    /// <summary>The drop is everything there is: it also supersedes what earlier drops of its name wrote for periods that it has no rows for.</summary>
    public bool Whole { get; init; }

    public DropReport? Report { get; init; }
}
