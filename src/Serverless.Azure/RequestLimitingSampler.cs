using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Serverless.Azure;

/// <summary>
/// Keeps every trace of the system's own work (runs are few, and each matters), but of HTTP requests only the first few of each second: a busy API has thousands, which
/// would cost more than they tell. Counts and durations of all requests are in the metrics.
/// </summary>
internal sealed class RequestLimitingSampler(int requestsPerSecond, TimeProvider time) : Sampler
{
    private long second;
    private int taken;

    public override SamplingResult ShouldSample(in SamplingParameters parameters)
    {
        if (parameters.ParentContext.TraceId != default && !parameters.ParentContext.IsRemote)
            return Decide(parameters.ParentContext.TraceFlags.HasFlag(ActivityTraceFlags.Recorded));
        if (parameters.Kind != ActivityKind.Server) return Decide(true);

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (Interlocked.Exchange(ref second, now) != now) Volatile.Write(ref taken, 0);
        return Decide(Interlocked.Increment(ref taken) <= requestsPerSecond);
    }

    private static SamplingResult Decide(bool keep) => new(keep ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
}
