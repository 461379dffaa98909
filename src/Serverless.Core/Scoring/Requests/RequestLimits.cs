namespace Serverless.Scoring;

/// <summary>How much one request may bring.</summary>
public sealed record RequestLimits
{
    public int MaxBytes { get; init; } = 10 * 1024 * 1024;

    public int MaxRows { get; init; } = 10_000;

    /// <summary>Rows of a request with <c>explain</c>.</summary>
    public int MaxExplained { get; init; } = 200;

    /// <summary>Characters of <c>subject</c>.</summary>
    public int MaxSubject { get; init; } = 256;

    /// <summary>Groups of a subject.</summary>
    public int MaxGroups { get; init; } = 32;

    /// <summary>Errors that are listed; a request with more says how many there were.</summary>
    public int MaxErrors { get; init; } = 50;
}
