using System.Buffers;
using Microsoft.AspNetCore.Http;
using Serverless.Scoring;

namespace Serverless.Web.Predict;

/// <summary>The answer of a durable model: given when its records are stored, and replaced by a 503 when they are not.</summary>
internal static class DurableAnswer
{
    // Beyond what the log itself allows a store: only one that hangs without end gets here.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>What several rows of a request wait for: mostly one group.</summary>
    public static Task? Both(Task? one, Task other) => other.IsCompletedSuccessfully || ReferenceEquals(one, other) ? one : one is null ? other : Task.WhenAll(one, other);

    /// <param name="text">Copied: the caller's buffer is free afterwards.</param>
    public static Task WriteAsync(HttpContext context, IPredictProtocol protocol, string model, ReadOnlySpan<byte> text, Task stored)
    {
        var copy = ArrayPool<byte>.Shared.Rent(text.Length);
        text.CopyTo(copy);
        return WriteAsync(context, protocol, model, copy, text.Length, stored);
    }

    /// <summary>True when the records are stored; otherwise the refusal was written.</summary>
    public static async Task<bool> StoredAsync(HttpContext context, IPredictProtocol protocol, string model, Task stored)
    {
        try
        {
            await stored.WaitAsync(Longest, context.RequestAborted).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is NotLoggedException or TimeoutException)
        {
            context.Response.Headers.RetryAfter = "1";
            await protocol.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The prediction could not be recorded",
                $"Nothing was answered, because model '{model}' answers only what is recorded (predictionLog: durable) and the prediction log cannot be written: {e.Message.TrimEnd('.')}. Try again; if it stays so, free space or mend the store.").ConfigureAwait(false);
            return false;
        }
    }

    private static async Task WriteAsync(HttpContext context, IPredictProtocol protocol, string model, byte[] text, int length, Task stored)
    {
        try
        {
            if (!await StoredAsync(context, protocol, model, stored).ConfigureAwait(false)) return;
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = length;
            await context.Response.BodyWriter.WriteAsync(text.AsMemory(0, length), context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }
}
