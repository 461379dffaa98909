using System.Globalization;
using System.IO.Compression;
using System.Net;

namespace Serverless.Sources.Http;

/// <summary>One answer, whole, in a file of this machine.</summary>
internal sealed record HttpPage(string Path, SourceAddress Address, string? ETag, string? LastModified, string? NextLink, bool NotModified = false);

/// <summary>Asks for one page and does not return before all of it is there: a body shorter than promised, a cut connection or half a gzip is a fault that is tried again.</summary>
internal sealed class HttpPages(SourceClient client, HttpSource source, IReadOnlyDictionary<string, string> headers, TimeProvider time)
{
    private const int MostRedirects = 5;

    /// <exception cref="PassingException">Another try may bring it.</exception>
    /// <exception cref="SourceException">None will.</exception>
    public async Task<HttpPage> GetAsync(SourceAddress address, SourceMark? mark, string path, long left, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(source.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        long received = 0;
        long? promised = null;
        try
        {
            using var response = await FollowAsync(address, mark, either.Token);
            if (response.StatusCode == HttpStatusCode.NotModified && mark is not null) return new HttpPage(path, address, mark.ETag, mark.LastModified, null, NotModified: true);
            Judge(response);
            promised = response.Content.Headers.ContentLength;
            if (promised > left) throw new SourceException($"the answer has {promised} bytes, more than maxSize leaves ({left}).");
            await using (var body = await response.Content.ReadAsStreamAsync(either.Token))
            await using (var file = new FileStream(path, FileMode.Create))
            {
                received = await CopyAsync(body, file, left, n => received = n, either.Token);
            }

            if (promised is { } length && received != length) throw new PassingException($"half an answer: {received} of {length} bytes came.");
            await ExpandAsync(path, left, either.Token);
            RequireEnd(response, path);
            var next = response.Headers.TryGetValues("Link", out var links) ? LinkHeader.Next(links) : null;
            return new HttpPage(path, address, response.Headers.ETag?.ToString(), response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture), next);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new PassingException($"no whole answer within {source.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s ({received} bytes came).", inner: e);
        }
        catch (HttpIOException e)
        {
            throw new PassingException($"the connection was cut after {received}{(promised is { } length ? $" of {length}" : "")} bytes.", inner: e);
        }
        catch (HttpRequestException e)
        {
            throw new PassingException($"no answer: {(e.InnerException ?? e).Message.TrimEnd('.')}.", inner: e);
        }
        catch (IOException e) when (e is not FileNotFoundException && !IsFull(e))
        {
            throw new PassingException($"the connection was cut after {received}{(promised is { } length ? $" of {length}" : "")} bytes: {e.Message}", inner: e);
        }
    }

    /// <summary>Follows redirects. Another host gets no credentials, and nothing goes from https to http.</summary>
    private async Task<HttpResponseMessage> FollowAsync(SourceAddress address, SourceMark? mark, CancellationToken cancel)
    {
        var uri = address.Uri;
        for (var hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.TryAddWithoutValidation("User-Agent", "serverless-ml");
            foreach (var (name, value) in headers)
            {
                if (source.Headers[name].Secret is null || SameOriginAsSource(uri)) request.Headers.TryAddWithoutValidation(name, value);
            }

            if (mark?.ETag is { } etag) request.Headers.TryAddWithoutValidation("If-None-Match", etag);
            if (mark?.LastModified is { } modified) request.Headers.TryAddWithoutValidation("If-Modified-Since", modified);
            var response = await client.SendAsync(request, cancel);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location) return response;
            response.Dispose();
            var next = new Uri(uri, location);
            if (hop == MostRedirects) throw new SourceException($"it was redirected more than {MostRedirects} times, last to {next.GetLeftPart(UriPartial.Path)}.");
            if (next.Scheme is not ("http" or "https") || (uri.Scheme == "https" && next.Scheme == "http")) throw new SourceException($"it was redirected from {uri.Scheme} to {next.Scheme}, which is not followed.");
            uri = next;
        }
    }

    private bool SameOriginAsSource(Uri uri)
    {
        var own = new Uri(Placeholders.Fill(source.Url, new PullPeriod("2001-01-01", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch), "0", Uri.EscapeDataString));
        return new SourceAddress(own, "").SameOrigin(uri);
    }

    private void Judge(HttpResponseMessage response)
    {
        var (code, status) = ((int)response.StatusCode, $"{(int)response.StatusCode} {response.ReasonPhrase}".Trim());
        if (code is 200 or 203) return;
        switch (code)
        {
            case 204: throw new SourceException("204 No Content: the source gave no body, not even an empty one.");
            case 206: throw new PassingException("206 Partial Content: half an answer, which nobody asked for.");
            case 408 or 425 or 429 or >= 500: throw new PassingException($"the source answered {status}.", After(response));
            case 401 or 403:
                var sent = source.Headers.Where(h => h.Value.Secret is not null).Select(h => $"{h.Key}: {h.Value.Secret}").Concat(source.Query.Where(q => q.Value.Secret is not null).Select(q => $"{q.Key}: {q.Value.Secret}")).ToArray();
                throw new SourceException($"the source answered {status}. " + (sent.Length == 0 ? "No credentials were sent; add them to 'headers', by reference." : $"Check the credentials that were sent ({string.Join(", ", sent)})."));
            default: throw new SourceException($"the source answered {status}.");
        }
    }

    private TimeSpan? After(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch { { Delta: { } delta } => delta, { Date: { } date } => date - time.GetUtcNow(), _ => default(TimeSpan?) };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static async Task<long> CopyAsync(Stream from, Stream to, long left, Action<long> came, CancellationToken cancel)
    {
        var buffer = new byte[1 << 16];
        long count = 0;
        for (int read; (read = await from.ReadAsync(buffer, cancel)) > 0; came(count))
        {
            if ((count += read) > left) throw new SourceException($"the answers have more bytes than maxSize allows.");
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        return count;
    }

    private static async Task ExpandAsync(string path, long left, CancellationToken cancel)
    {
        var start = new byte[2];
        await using (var file = File.OpenRead(path))
        {
            if (await file.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancel) < 2 || start[0] != 0x1f || start[1] != 0x8b) return;
        }

        var packed = path + ".gz";
        File.Move(path, packed, overwrite: true);
        try
        {
            await using var file = File.OpenRead(packed);
            await using var gzip = new GZipStream(file, CompressionMode.Decompress);
            await using var plain = new FileStream(path, FileMode.Create);
            await CopyAsync(gzip, plain, left, static _ => { }, cancel);
            await RequireTrailerAsync(packed, plain.Length, cancel);
        }
        catch (InvalidDataException e)
        {
            throw new PassingException($"half an answer: the gzip is cut or damaged ({e.Message.TrimEnd('.')}).", inner: e);
        }
        finally
        {
            File.Delete(packed);
        }
    }

    // RFC 1952: the last four bytes are the length of what was packed, modulo 2^32. (Several members one after another: that of the last, so less than the whole.)
    private static async Task RequireTrailerAsync(string packed, long length, CancellationToken cancel)
    {
        await using var file = File.OpenRead(packed);
        var trailer = new byte[4];
        if (file.Length < 18) throw new InvalidDataException("it ends within its header");
        file.Seek(-4, SeekOrigin.End);
        await file.ReadExactlyAsync(trailer, cancel);
        var promised = BitConverter.IsLittleEndian ? BitConverter.ToUInt32(trailer) : System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        if (promised != (uint)length && promised > length) throw new InvalidDataException($"it holds {length} bytes and ends with the number {promised}");
    }

    // An answer without a length ends when the connection does, so its last line must be whole.
    private void RequireEnd(HttpResponseMessage response, string path)
    {
        if (source.Format == SourceFormat.Parquet)
        {
            if (!EndsWith(path, "PAR1"u8)) throw new PassingException("half an answer: a Parquet file ends with 'PAR1', and this does not.");
            return;
        }

        var endless = response.Content.Headers.ContentLength is null && response.Headers.TransferEncodingChunked != true && response.Version.Major == 1;
        if (endless && source.Format is not SourceFormat.Json && new FileInfo(path).Length > 0 && !EndsWith(path, "\n"u8))
        {
            throw new PassingException("most likely half an answer: it came without a length, and its last line has no end.");
        }
    }

    private static bool EndsWith(string path, ReadOnlySpan<byte> end)
    {
        using var file = File.OpenRead(path);
        if (file.Length < end.Length) return false;
        file.Seek(-end.Length, SeekOrigin.End);
        Span<byte> last = stackalloc byte[end.Length];
        file.ReadExactly(last);
        return last.SequenceEqual(end);
    }

    private static bool IsFull(IOException e) => e.HResult is 28 or unchecked((int)0x80070070);
}
