using System.Net;
using System.Text.Json;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Serverless.Models;
using Serverless.Scoring.Enrichment;
using Serverless.Secrets;
using Serverless.Sources.Http;

namespace Serverless.Sources.Enrichment;

/// <summary>One HTTP source behind retries and a circuit breaker (Polly).</summary>
internal sealed class HttpEnrichment : IEnrichmentSource
{
    private const int MostBytes = 1024 * 1024;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(20);

    private readonly EnrichmentDefinition terms;
    private readonly SourceClient client;
    private readonly SecretReader secrets;
    private readonly ResiliencePipeline<IReadOnlyDictionary<string, byte[]>> pipeline;

    public HttpEnrichment(EnrichmentDefinition terms, SourceClient client, SecretReader secrets, TimeProvider time)
    {
        (this.terms, this.client, this.secrets) = (terms, client, secrets);
        var builder = new ResiliencePipelineBuilder<IReadOnlyDictionary<string, byte[]>> { TimeProvider = time };
        if (terms.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<IReadOnlyDictionary<string, byte[]>>
            {
                MaxRetryAttempts = terms.Retries, BackoffType = DelayBackoffType.Exponential, Delay = FirstWait,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is PassingException),
            });
        }

        // Inside the retries, so that every try counts. A time-out counts as well: nobody but the time-out cancels.
        pipeline = builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<IReadOnlyDictionary<string, byte[]>>
        {
            FailureRatio = terms.Breaker.Share, MinimumThroughput = terms.Breaker.Calls, SamplingDuration = terms.Breaker.Window, BreakDuration = terms.Breaker.Pause,
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is PassingException or EnrichmentException or OperationCanceledException),
        }).Build();
    }

    public async Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(string url, CancellationToken cancel)
    {
        try
        {
            return await pipeline.ExecuteAsync(async token => await TryAsync(url, token).ConfigureAwait(false), cancel).ConfigureAwait(false);
        }
        catch (BrokenCircuitException e)
        {
            throw new EnrichmentException("The source failed too often and is left alone for a while.", e);
        }
        catch (PassingException e)
        {
            throw new EnrichmentException(e.Message, e);
        }
    }

    private async Task<IReadOnlyDictionary<string, byte[]>> TryAsync(string url, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            foreach (var (name, value) in terms.Headers) request.Headers.TryAddWithoutValidation(name, await secrets.ResolveAsync(value, cancel).ConfigureAwait(false));
            using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.NoContent) return new Dictionary<string, byte[]>();
            if (!response.IsSuccessStatusCode)
            {
                var message = $"The source answered {(int)response.StatusCode}.";
                throw (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout ? new PassingException(message) : new EnrichmentException(message);
            }

            await response.Content.LoadIntoBufferAsync(MostBytes, cancel).ConfigureAwait(false);
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false));
            var values = new Dictionary<string, byte[]>(terms.Columns.Count, StringComparer.Ordinal);
            foreach (var column in terms.Columns)
            {
                if (JsonPlace.Find(json.RootElement, column.Path) is { } value) values[column.Name] = JsonSerializer.SerializeToUtf8Bytes(value);
            }

            return values;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new PassingException($"The source did not answer: {e.Message}", null, e);
        }
        catch (JsonException e)
        {
            throw new EnrichmentException("The source's answer is no JSON.", e);
        }
        catch (SecretException e)
        {
            throw new EnrichmentException(e.Message, e);
        }
    }
}

internal sealed class HttpEnrichments(SourceClient client, SecretReader secrets, TimeProvider time) : IEnrichmentSources
{
    public IEnrichmentSource Open(EnrichmentDefinition terms) => new HttpEnrichment(terms, client, secrets, time);
}
