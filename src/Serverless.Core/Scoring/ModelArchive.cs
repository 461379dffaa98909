using System.IO.Compression;

namespace Serverless.Scoring;

/// <summary>
/// A zip that is read in memory and never unpacked to a disk. Names that would leave a folder (zip slip), names that stand twice, and sizes beyond reason or beyond what the
/// directory says (zip bombs) are refused before an entry is read.
/// </summary>
internal sealed class ModelArchive : IDisposable
{
    private const int MostEntries = 1000;
    private const long MostBytes = 4L << 30;

    // Text that repeats itself a thousandfold is the limit of deflate (1032:1); models are never near it once they are larger than this.
    private const long MostRatio = 200, SmallBytes = 16 << 20;

    private readonly ZipArchive zip;

    /// <exception cref="InvalidDataException">Not a zip, or not one to be read; the message says why.</exception>
    public ModelArchive(Stream content)
    {
        zip = new ZipArchive(content, ZipArchiveMode.Read, leaveOpen: true);
        try
        {
            Check();
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidDataException">There is none of that name.</exception>
    public Stream Open(string name) => zip.GetEntry(name) is { } entry ? new Bounded(entry.Open(), entry.Length, name) : throw new InvalidDataException($"it has no '{name}'");

    /// <summary>Of all entries, unpacked.</summary>
    public long Bytes => zip.Entries.Sum(e => e.Length);

    public bool Has(string name) => zip.GetEntry(name) is not null;

    public void Dispose() => zip.Dispose();

    private void Check()
    {
        if (zip.Entries.Count > MostEntries) throw new InvalidDataException($"it has {zip.Entries.Count} entries; at most {MostEntries} are read");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var total = 0L;
        foreach (var entry in zip.Entries)
        {
            if (Escapes(entry.FullName)) throw new InvalidDataException($"the name of its entry '{Shown(entry.FullName)}' leads out of the folder");
            if (!names.Add(entry.FullName)) throw new InvalidDataException($"it has the entry '{Shown(entry.FullName)}' twice");
            total += entry.Length;
            if (entry.Length < 0 || total > MostBytes) throw new InvalidDataException($"unpacked it would be larger than {MostBytes >> 30} GiB");
            if (entry.Length > SmallBytes && entry.Length / Math.Max(1, entry.CompressedLength) > MostRatio) throw new InvalidDataException($"its entry '{Shown(entry.FullName)}' would grow {entry.Length / Math.Max(1, entry.CompressedLength)}-fold when unpacked");
        }
    }

    private static bool Escapes(string name) =>
        name.Length == 0 || name[0] is '/' || name.Contains('\\', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal) || name.Any(char.IsControl)
        || name.Split('/').Any(s => s is ".." or ".");

    private static string Shown(string name) => Storage.ObjectKey.Shown(name);

    /// <summary>The directory of a zip may lie about sizes: no more is handed out than it says.</summary>
    private sealed class Bounded(Stream inner, long length, string name) : Stream
    {
        private long handedOut;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => handedOut; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Counted(inner.Read(buffer, offset, count));

        public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        private int Counted(int read) => (handedOut += read) > length ? throw new InvalidDataException($"its entry '{name}' is longer than the {length} bytes that it says") : read;
    }
}
