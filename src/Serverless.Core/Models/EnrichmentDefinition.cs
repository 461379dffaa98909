using Serverless.Secrets;

namespace Serverless.Models;

/// <summary>The section <c>enrich</c> of a model file: one HTTP source for values that a request does not bring.</summary>
public sealed record EnrichmentDefinition
{
    /// <summary>Address with <c>{column}</c> where a value of the row belongs. Never in the part that names the host.</summary>
    public required string Url { get; init; }

    /// <summary>Column to the place of its value in the answer, such as <c>current.wind</c> or <c>days[0].wind</c>.</summary>
    public required IReadOnlyList<EnrichedColumn> Columns { get; init; }

    /// <summary>Sent with every request; secrets by reference.</summary>
    public IReadOnlyDictionary<string, SecretText> Headers { get; init; } = new Dictionary<string, SecretText>();

    /// <summary>A request waits no longer than this, whatever its number of rows and retries.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long an answer counts.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Further tries after a failure that may pass.</summary>
    public int Retries { get; init; } = 1;

    /// <summary>Calls under way at the same time, over all requests of this process.</summary>
    public int Concurrency { get; init; } = 8;

    public BreakerDefinition Breaker { get; init; } = new();

    public int Line { get; init; }

    public int Column { get; init; }
}

/// <param name="Path">Names and places in lists: <c>current.wind</c>, <c>days[0].wind</c>.</param>
/// <param name="Fallback">The value where the source gives none, as it stands in the file; null = missing.</param>
public sealed record EnrichedColumn(string Name, string Path, string? Fallback, int Line, int Column);

/// <summary>When a source that fails is left alone, and for how long.</summary>
public sealed record BreakerDefinition
{
    /// <summary>Share of calls that failed, from which on it is left alone.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>Calls that there have to be before the share counts.</summary>
    public int Calls { get; init; } = 10;

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After it, one call tries whether the source is back.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(15);
}
