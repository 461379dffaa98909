using Serverless.Problems;

namespace Serverless.Cli.Commands;

/// <summary>
/// A drop while it is read. At its end it is compared with what it was at the beginning: a file that is still being written is refused before anything of it can
/// be taken for the whole, because the store keeps an object only when reading came to its end.
/// </summary>
internal sealed class SteadyFile : Stream
{
    private readonly FileStream file;
    private readonly string name;
    private readonly (long Length, DateTime Written) before;
    private readonly IProgress<double>? progress;

    public SteadyFile(string path, string name, IProgress<double>? progress = null)
    {
        this.name = name;
        this.progress = progress;
        file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
        before = Now();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => before.Length;

    public override long Position { get => file.Position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Seen(file.Read(buffer), buffer.Length);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Seen(await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Length);

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }

    private int Seen(int bytes, int asked)
    {
        if (before.Length > 0) progress?.Report((double)file.Position / before.Length);
        if (bytes == 0 && asked > 0 && Now() != before)
        {
            throw new EnvironmentException($"'{name}' is still being written: it changed while it was read. Nothing of it was stored; ingest it again when it is complete.");
        }

        return bytes;
    }

    private (long, DateTime) Now() => (RandomAccess.GetLength(file.SafeFileHandle), File.GetLastWriteTimeUtc(file.SafeFileHandle));
}
