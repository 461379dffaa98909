using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Serverless.DuckDb.Drops;

/// <summary>
/// One pass over the bytes of a text file before the engine reads it, for faults that an engine explains badly: a truncated gzip, an encoding that is not UTF-8, a line
/// without an end. A compressed file is expanded on the way, so that the engine can read it with several threads. Memory: one buffer.
/// </summary>
internal static class TextScan
{
    /// <summary>Longest line that is read, in bytes.</summary>
    public const int LongestLine = 2_000_000;

    private const int BufferSize = 1 << 20;

    /// <param name="Path">The text to read: the file itself or its expansion.</param>
    /// <param name="Head">The first bytes as text, for the header.</param>
    /// <param name="Plain">See <see cref="PlainForms"/>.</param>
    internal sealed record Scanned(string Path, string Head, long Bytes, long Lines, bool Plain);

    /// <exception cref="DropRejectedException">The text cannot be read; says at which line.</exception>
    public static Scanned Run(string path, FileFormat format, string scratch, CancellationToken cancel)
    {
        using var file = OpenSequential(path);
        if (!format.Compressed) return Pass(file, null, path, cancel);
        var expanded = ExpansionIn(scratch);
        RefuseNoGzip(file);
        using var gzip = new WholeGzip(file);
        using var target = File.Create(expanded, BufferSize);
        return Pass(gzip, target, expanded, cancel);
    }

    /// <summary>Where a compressed file is expanded to.</summary>
    public static string ExpansionIn(string scratch) => System.IO.Path.Combine(scratch, "expanded");

    /// <summary>Expands a compressed file that is not text.</summary>
    public static string Expand(string path, string scratch, CancellationToken cancel)
    {
        var expanded = ExpansionIn(scratch);
        using var file = OpenSequential(path);
        RefuseNoGzip(file);
        using var gzip = new WholeGzip(file);
        using var target = File.Create(expanded, BufferSize);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (int read; (read = Read(gzip, buffer, 0, null)) > 0;)
            {
                cancel.ThrowIfCancellationRequested();
                target.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return expanded;
    }

    private static FileStream OpenSequential(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.SequentialScan);

    private static Scanned Pass(Stream source, Stream? target, string path, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            string? head = null;
            long bytes = 0, lines = 0, lineLength = 0;
            var carried = 0;
            var forms = new PlainForms();
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                var read = Read(source, buffer, carried, lines);
                if (read > 0) target?.Write(buffer, carried, read);
                var text = buffer.AsSpan(0, carried + read);
                if (bytes == 0) RefuseOtherEncodings(text);
                bytes += read;
                if (text.Length == 0) break;

                // A character may straddle two buffers: its first bytes wait for the rest, at the end of the file they are a fault.
                var whole = read == 0 ? text.Length : text.Length - IncompleteTail(text);
                if (!Utf8.IsValid(text[..whole])) throw BadEncoding(text[..whole], lines);
                head ??= Encoding.UTF8.GetString(text[..whole]).TrimStart('\uFEFF');
                var checkedPart = text[..whole];
                forms.Add(checkedPart);
                var first = checkedPart.IndexOf((byte)'\n');
                if (lineLength + (first < 0 ? checkedPart.Length : first) > LongestLine)
                {
                    throw new DropRejectedException($"line {lines + 1} is longer than {LongestLine:N0} bytes: no row can be that long. Is the file one without line ends, or a binary one?");
                }

                lines += checkedPart.Count((byte)'\n');
                lineLength = first < 0 ? lineLength + checkedPart.Length : checkedPart.Length - 1 - checkedPart.LastIndexOf((byte)'\n');
                if (read == 0) break;
                carried = text.Length - whole;
                text[whole..].CopyTo(buffer);
            }

            return new Scanned(path, head ?? "", bytes, lines + (lineLength > 0 ? 1 : 0), forms.Holds);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <param name="lines">Lines before the buffer; null when the content is no text.</param>
    private static int Read(Stream source, byte[] buffer, int offset, long? lines)
    {
        var filled = offset;
        try
        {
            while (filled < BufferSize && source.Read(buffer.AsSpan(filled, BufferSize - filled)) is > 0 and var read) filled += read;
            return filled - offset;
        }
        catch (InvalidDataException)
        {
            // What was read of this buffer before the fault counts too, so that the line is the last readable one and not that of the buffer's beginning.
            var where = lines is { } before ? $" after line {before + buffer.AsSpan(0, filled).Count((byte)'\n')}" : "";
            throw new DropRejectedException($"the gzip stream is damaged or cut off{where}. Send the file again, whole.");
        }
    }

    private static void RefuseNoGzip(FileStream file)
    {
        Span<byte> start = stackalloc byte[2];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (!start[..read].SequenceEqual(((ReadOnlySpan<byte>)[0x1F, 0x8B])[..read])) throw new DropRejectedException("the file is not gzip, but its name ends with .gz. Rename it, or compress it.");
        file.Position = 0;
    }

    private static void RefuseOtherEncodings(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            throw new DropRejectedException("line 1: the file is UTF-16, expected UTF-8. Save it as UTF-8.");
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) throw new DropRejectedException("the file is gzip, but its name does not end with .gz. Rename it.");
        if (start.StartsWith("PK\u0003\u0004"u8)) throw new DropRejectedException("the file is a zip archive (or an Excel workbook), expected text. Unpack it, or export it as CSV.");
        if (start.StartsWith("PAR1"u8)) throw new DropRejectedException("the file is Parquet, but its name says it is text. Rename it to .parquet.");
        var nul = start[..Math.Min(start.Length, 4096)].IndexOf((byte)0);
        if (nul >= 0)
        {
            throw new DropRejectedException($"line {start[..nul].Count((byte)'\n') + 1}: a NUL byte; the file is UTF-16 or binary, expected UTF-8 text.");
        }
    }

    private static DropRejectedException BadEncoding(ReadOnlySpan<byte> text, long linesBefore)
    {
        var at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out _, out var used) == OperationStatus.Done) at += used;
        var line = linesBefore + text[..at].Count((byte)'\n') + 1;
        var column = at - text[..at].LastIndexOf((byte)'\n');
        return new DropRejectedException(
            $"line {line}, byte {column}: 0x{text[at]:X2} is not UTF-8 (the file may be Windows-1252 or Latin-1). Save it as UTF-8.");
    }

    // Bytes at the end that begin a character which the buffer does not hold whole (at most 3).
    private static int IncompleteTail(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= Math.Min(3, text.Length); back++)
        {
            var b = text[^back];
            if ((b & 0xC0) == 0x80) continue;
            var needed = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : b >= 0xC0 ? 2 : 1;
            return needed > back ? back : 0;
        }

        return 0;
    }
}
