using System.IO.Compression;

namespace Serverless.DuckDb.Drops;

/// <summary>
/// Decompresses gzip and notices when it was cut off, which <see cref="GZipStream"/> takes for the end. A member of known content (RFC 1952 allows several in a file)
/// is put behind the file: it comes out at the end only if everything before it was whole.
/// </summary>
public sealed class WholeGzip : ForwardStream
{
    private static readonly byte[] Mark = [0xFF, 0xFE, 0x00, 0x9D, 0xC1, 0x07, 0xFF, 0x5A, 0x00, 0xE3, 0x81, 0xFF, 0x44, 0xBB, 0x00, 0xFF];
    private static readonly byte[] MarkMember = Compress(Mark);

    private readonly GZipStream gzip;

    // Small, because what a damaged stream gave before the fault is lost with the read that meets it.
    private readonly byte[] buffer = new byte[(1 << 12) + Mark.Length];
    private int start, end;
    private bool ended;

    public WholeGzip(Stream file) => gzip = new GZipStream(new Followed(file, MarkMember), CompressionMode.Decompress);

    /// <exception cref="InvalidDataException">The data are no gzip, damaged or cut off.</exception>
    public override int Read(Span<byte> target)
    {
        while (!ended && end - start <= Mark.Length)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            var read = gzip.Read(buffer, end, buffer.Length - end);
            end += read;
            if (read > 0) continue;
            ended = true;
            if (!buffer.AsSpan(start, end - start).EndsWith(Mark)) throw new InvalidDataException("it ends in the middle");
        }

        var take = Math.Min(target.Length, end - start - Mark.Length);
        buffer.AsSpan(start, take).CopyTo(target);
        start += take;
        return take;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) gzip.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Compress(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var writer = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true)) writer.Write(content);
        return packed.ToArray();
    }

    /// <summary>A file, then some bytes more.</summary>
    private sealed class Followed(Stream file, byte[] tail) : ForwardStream
    {
        private int given;
        private bool fileEnded;

        public override int Read(Span<byte> target)
        {
            if (!fileEnded)
            {
                var read = file.Read(target);
                if (read > 0 || target.IsEmpty) return read;
                fileEnded = true;
            }

            var take = Math.Min(target.Length, tail.Length - given);
            tail.AsSpan(given, take).CopyTo(target);
            given += take;
            return take;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }
    }
}
