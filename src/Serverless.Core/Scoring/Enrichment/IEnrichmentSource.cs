using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Scoring.Enrichment;

/// <summary>A source of values by address. Safe for many threads.</summary>
public interface IEnrichmentSource
{
    /// <summary>Values by column, each as JSON; a column that the answer does not have is absent, and all are when the source knows nothing of the address.</summary>
    /// <exception cref="EnrichmentException">It failed, or is left alone after failures.</exception>
    /// <exception cref="OperationCanceledException">It took longer than allowed.</exception>
    Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(string url, CancellationToken cancel);
}

/// <summary>Opens sources. Hosts that have none serve models without enrichment only.</summary>
public interface IEnrichmentSources
{
    IEnrichmentSource Open(EnrichmentDefinition terms);
}

/// <summary>The source gave no answer that can be used.</summary>
public sealed class EnrichmentException(string message, Exception? inner = null) : ServerlessException(message, inner);
