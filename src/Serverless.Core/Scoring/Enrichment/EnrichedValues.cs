using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Serverless.Models;

namespace Serverless.Scoring.Enrichment;

/// <summary>What a source said, by address, for as long as it counts. One for each model and process, so that versions share what is known.</summary>
internal sealed class EnrichedValues(string model, EnrichmentDefinition terms, IEnrichmentSource source, TimeProvider time)
{
    private const int Most = 50_000;
    private static readonly Meter Meter = new("Serverless.Enrichment");
    private static readonly Counter<long> Failed = Meter.CreateCounter<long>("serverless.enrichment.failed", description: "Addresses that the source did not answer in time or at all.");

    private readonly ConcurrentDictionary<string, (IReadOnlyDictionary<string, byte[]>? Values, long Until)> cache = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim free = new(terms.Concurrency);

    public EnrichmentDefinition Terms => terms;

    public bool Knows(string url) => cache.TryGetValue(url, out var known) && known.Values is not null && known.Until > time.GetUtcNow().UtcTicks;

    /// <summary>Null when nothing is known. What ran out between the fetch and here still counts.</summary>
    public IReadOnlyDictionary<string, byte[]>? Find(string url) =>
        cache.TryGetValue(url, out var known) && known.Until + terms.Timeout.Ticks >= time.GetUtcNow().UtcTicks ? known.Values : null;

    /// <summary>Asks for all at once, within the time-out for all of them together. Never throws because of the source.</summary>
    /// <param name="cancel">The caller went away: it waits no longer, but what is under way is kept for the next.</param>
    public async Task FetchAsync(IReadOnlyCollection<string> urls, CancellationToken cancel)
    {
        if (cache.Count + urls.Count > Most) cache.Clear();
        await AllAsync(urls).WaitAsync(cancel).ConfigureAwait(false);
    }

    private async Task AllAsync(IReadOnlyCollection<string> urls)
    {
        using var limit = new CancellationTokenSource(terms.Timeout, time);
        await Task.WhenAll(urls.Select(url => OneAsync(url, limit.Token))).ConfigureAwait(false);
    }

    private async Task OneAsync(string url, CancellationToken limit)
    {
        try
        {
            await free.WaitAsync(limit).ConfigureAwait(false);
            IReadOnlyDictionary<string, byte[]> values;
            try
            {
                values = await source.ReadAsync(url, limit).WaitAsync(limit).ConfigureAwait(false);
            }
            finally
            {
                free.Release();
            }

            cache[url] = (values, time.GetUtcNow().UtcTicks + terms.Ttl.Ticks);
        }
        catch (Exception e) when (e is EnrichmentException or OperationCanceledException)
        {
            // Another request may have had an answer meanwhile; that one stays.
            Failed.Add(1, new KeyValuePair<string, object?>("model", model));
        }
    }
}
