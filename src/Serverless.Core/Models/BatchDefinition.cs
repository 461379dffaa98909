namespace Serverless.Models;

/// <summary>When rows are scored without anybody asking, and what is kept of them.</summary>
public sealed record BatchDefinition
{
    /// <summary>Five-field cron expression, UTC; null = not by the clock.</summary>
    public string? Schedule { get; init; }

    /// <summary>New partitions of the model's dataset are scored once they settled.</summary>
    public bool OnNewData { get; init; }

    /// <summary>Periods of the last stretch of the data; null = the partitions that came since the batch before, or all of them where predictions are served by key.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>Columns that say whose prediction it is.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>The model's inputs are kept beside each prediction.</summary>
    public bool Inputs { get; init; } = true;

    /// <summary>The predictions are served by key.</summary>
    public bool Precompute { get; init; }

    /// <summary>How old a prediction that is served by key may be; null = as old as it gets.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Rows of a part, which one worker scores at a time; null = as many as fit well into memory.</summary>
    public int? PartRows { get; init; }

    /// <summary>Where <see cref="Key"/> stands in the file.</summary>
    public int Line { get; init; }

    public int Column { get; init; }

    /// <summary>Batches begin by themselves.</summary>
    public bool IsDue => Schedule is not null || OnNewData;
}
