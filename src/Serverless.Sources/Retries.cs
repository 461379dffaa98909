using Polly;
using Polly.Retry;
using Serverless.Storage;

namespace Serverless.Sources;

/// <summary>Something that a later try may mend: a cut connection, a busy server, half an answer.</summary>
internal sealed class PassingException(string message, TimeSpan? after = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>When the source asked to come back (Retry-After).</summary>
    public TimeSpan? After { get; } = after;
}

/// <summary>
/// Tries again with full jitter: the n-th wait is random between nothing and <c>first</c> x 2^n, at most <c>longest</c> (M. Brooker, "Exponential Backoff And Jitter", AWS
/// Architecture Blog, 2015). A source that says when to come back is obeyed.
/// </summary>
internal sealed class Retries(TimeProvider time, IdSource ids)
{
    /// <summary>Longer pauses that a source asks for are not waited for in one go.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);

    /// <exception cref="SourceException">The last try failed as well; the message begins with <paramref name="what"/>.</exception>
    public async Task<T> RunAsync<T>(string what, RetrySettings settings, Func<CancellationToken, Task<T>> attempt, CancellationToken cancel)
    {
        var pipeline = new ResiliencePipelineBuilder<T> { TimeProvider = time };
        if (settings.Attempts > 0)
        {
            pipeline.AddRetry(new RetryStrategyOptions<T>
            {
                MaxRetryAttempts = settings.Attempts,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is PassingException passing && !(passing.After > LongestPause)),
                DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(Wait(settings, args.AttemptNumber, (args.Outcome.Exception as PassingException)?.After)),
            });
        }

        try
        {
            return await pipeline.Build().ExecuteAsync(async token => await attempt(token), cancel);
        }
        catch (PassingException e) when (e.After > LongestPause)
        {
            throw new SourceBusyException(e.After.Value < LongestWait ? e.After.Value : LongestWait, $"{what}: {e.Message}");
        }
        catch (PassingException e)
        {
            throw new SourceException($"{what}: {e.Message}" + (settings.Attempts > 0 ? $" It was tried {settings.Attempts + 1} times." : ""), e);
        }
    }

    internal TimeSpan Wait(RetrySettings settings, int attempt, TimeSpan? after)
    {
        // 50 random bits as a fraction: ids are the one source of randomness that tests can seed.
        var fraction = Convert.ToDouble(ids.Next(10).Aggregate(0L, (n, c) => (n << 5) | (uint)"0123456789abcdefghjkmnpqrstvwxyz".IndexOf(c, StringComparison.Ordinal))) / (1L << 50);
        if (after is { } asked) return asked + (settings.First * (fraction / 4)); // not before it was asked for, and not all at once
        var most = Math.Min(settings.Longest.TotalSeconds, settings.First.TotalSeconds * Math.Pow(2, Math.Min(attempt, 30)));
        return TimeSpan.FromSeconds(most * fraction);
    }
}
