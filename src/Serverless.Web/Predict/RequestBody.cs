using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict;

/// <summary>A whole request body: Kestrel's own memory when it came in one piece, a rented buffer otherwise.</summary>
internal readonly struct RequestBody : IDisposable
{
    // Kestrel's MaxRequestBodySize by default.
    private const int ServersOwn = 30_000_000;

    private readonly PipeReader? reader;
    private readonly SequencePosition end;
    private readonly byte[]? rented;

    private RequestBody(ReadOnlyMemory<byte> bytes, PipeReader? reader, SequencePosition end, byte[]? rented) =>
        (Bytes, this.reader, this.end, this.rented) = (bytes, reader, end, rented);

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The body, if all of it came with the request's head; otherwise <see cref="ReadAsync"/> reads it.</summary>
    public static bool TryRead(HttpContext context, int limit, out RequestBody body)
    {
        body = default;
        Check(context, limit);
        var reader = context.Request.BodyReader;
        if (!reader.TryRead(out var result)) return false;
        if (result.IsCompleted && result.Buffer.IsSingleSegment && result.Buffer.Length <= limit)
        {
            body = new RequestBody(WithoutMark(result.Buffer.First), reader, result.Buffer.End, null);
            return true;
        }

        reader.AdvanceTo(result.Buffer.Start);
        return false;
    }

    /// <summary>Reads to the end. Throws <see cref="BodyTooLargeException"/> above the limit, also when the length was not announced.</summary>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, int limit)
    {
        Check(context, limit);
        var reader = context.Request.BodyReader;
        var result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
        if (result.IsCompleted && result.Buffer.IsSingleSegment)
        {
            if (result.Buffer.Length > limit) throw new BodyTooLargeException(limit);
            return new RequestBody(WithoutMark(result.Buffer.First), reader, result.Buffer.End, null);
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Max(context.Request.ContentLength ?? 0, result.Buffer.Length + 4096));
        var length = 0;
        while (true)
        {
            var piece = result.Buffer;
            if (length + piece.Length > limit)
            {
                reader.AdvanceTo(piece.End);
                ArrayPool<byte>.Shared.Return(buffer);
                throw new BodyTooLargeException(limit);
            }

            if (length + piece.Length > buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(length + piece.Length, buffer.Length * 2L));
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            piece.CopyTo(buffer.AsSpan(length));
            length += (int)piece.Length;
            reader.AdvanceTo(piece.End);
            if (result.IsCompleted) return new RequestBody(WithoutMark(buffer.AsMemory(0, length)), null, default, buffer);
            result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static void Check(HttpContext context, int limit)
    {
        var request = context.Request;
        if (request.Headers.ContentEncoding is [{ Length: > 0 } encoding, ..] && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new UnsupportedMediaException($"Content-Encoding: '{encoding}' is not read here. Send the body as it is.");
        }

        if (request.ContentLength > limit) throw new BodyTooLargeException(limit);
        // The limit is the workspace's: where it is wider than the server's own, that one gives way.
        if (limit > ServersOwn && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server && server.MaxRequestBodySize < limit) server.MaxRequestBodySize = limit;
    }

    public void Dispose()
    {
        reader?.AdvanceTo(end);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    // A byte order mark is no JSON, but some clients send it.
    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> bytes) => bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
}

internal sealed class BodyTooLargeException(int limit) : Exception
{
    public int Limit { get; } = limit;
}
