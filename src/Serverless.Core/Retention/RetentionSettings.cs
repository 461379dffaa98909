namespace Serverless.Retention;

/// <summary><c>retention:</c> of serverless.yaml. What is not said is kept for ever.</summary>
public sealed record RetentionSettings
{
    public static RetentionSettings Default { get; } = new();

    /// <summary>Five cron fields, UTC: when what may go is removed without being asked; null = only by <c>retain --yes</c>.</summary>
    public string? Schedule { get; init; }

    /// <summary>So many of the newest versions of each model are kept in any case.</summary>
    public int Versions { get; init; } = 10;

    /// <summary>Versions older than this, and beyond <see cref="Versions"/>, may go.</summary>
    public TimeSpan? VersionAge { get; init; }

    /// <summary>The model.zip of trainings older than this may go; what they found stays.</summary>
    public TimeSpan? Candidates { get; init; }

    /// <summary>Days of the prediction log older than this may go.</summary>
    public TimeSpan? Predictions { get; init; }

    /// <summary>Partitions that a correction superseded so long ago may go.</summary>
    public TimeSpan? Superseded { get; init; }
}
