using System.Threading.RateLimiting;
using Serverless.Access;

namespace Serverless.Web.Access;

/// <summary>How many requests each caller may make: a bucket of tokens for each, filled evenly (System.Threading.RateLimiting, which ASP.NET Core's rate limiting is made of).</summary>
internal sealed class CallerLimits(AccessSettings settings) : IDisposable
{
    // Ten times in a period, so that whoever waits does not wait for all of it.
    private const int Refills = 10;

    private readonly PartitionedRateLimiter<string>? limiter = settings.Requests is { } requests ? Make(requests, settings.Per) : null;

    /// <summary>Null when the caller may go on; otherwise how long it should wait.</summary>
    public TimeSpan? Wait(string caller)
    {
        if (limiter is null) return null;
        using var lease = limiter.AttemptAcquire(caller);
        if (lease.IsAcquired) return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > TimeSpan.Zero ? wait : settings.Per / Refills;
    }

    public string Text => $"{settings.Requests} requests in {Workspaces.Durations.Text(settings.Per)}";

    public void Dispose() => limiter?.Dispose();

    private static PartitionedRateLimiter<string> Make(int requests, TimeSpan per)
    {
        var refills = Math.Min(Refills, requests);
        // Rounded up in tokens and never below in time, so that the sum over a period is what was asked for.
        var tokens = (requests + refills - 1) / refills;
        var options = new TokenBucketRateLimiterOptions { TokenLimit = requests, TokensPerPeriod = tokens, ReplenishmentPeriod = per * ((double)tokens / requests), QueueLimit = 0, AutoReplenishment = true };
        return PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(caller, _ => options), StringComparer.Ordinal);
    }
}
