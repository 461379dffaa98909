using Microsoft.AspNetCore.Http;
using Serverless.Rollouts;
using Serverless.Scoring;

namespace Serverless.Web.Predict;

/// <summary>
/// Models that look values up: what a request's rows will look up is brought into memory before they are read, without a thread that waits. Requests of other models never come here.
/// </summary>
internal static class LookupFetch
{
    public static bool Needs(ServedModel served, ServingPlan? plan) => served.LooksUp || plan is { LooksUp: true };

    public static async Task BeforeAsync(HttpContext context, IPredictProtocol protocol, ServedModel served, ServingPlan? plan, ReadOnlyMemory<byte> bytes, RequestLimits limits)
    {
        await FetchAsync(context, protocol, served, served, bytes, limits).ConfigureAwait(false);
        foreach (var variant in plan?.Variants ?? [])
        {
            if (variant.Model is { LooksUp: true } other) await FetchAsync(context, protocol, served, other, bytes, limits).ConfigureAwait(false);
        }
    }

    private static ValueTask FetchAsync(HttpContext context, IPredictProtocol protocol, ServedModel served, ServedModel asked, ReadOnlyMemory<byte> bytes, RequestLimits limits)
    {
        if (!protocol.Rewrites) return asked.FetchAsync(bytes.Span, limits.MaxRows, context.RequestAborted);
        var scratch = new PredictScratch();
        var rows = protocol.Rows(context, bytes, served, scratch);
        return scratch.Rows.Errors is null && !scratch.Rows.TooManyRows ? asked.FetchAsync(rows, limits.MaxRows, context.RequestAborted) : default;
    }
}
