using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Serverless.Problems;

namespace Serverless.Sketches;

/// <summary>Writes the binary form of sketches and states: little endian, whole numbers with seven bits a byte (LEB128), the small ones short.</summary>
internal sealed class BinaryWriting
{
    private readonly ArrayBufferWriter<byte> buffer = new(256);

    /// <param name="kind">A letter for what it is.</param>
    public BinaryWriting(char kind, byte version)
    {
        Byte((byte)kind);
        Byte(version);
    }

    public void Byte(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Number(ulong value)
    {
        var span = buffer.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        buffer.Advance(length);
    }

    public void Number(long value) => Number((ulong)value);

    /// <summary>Zigzag, so that small negative numbers are short too.</summary>
    public void Signed(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    public void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number((ulong)value.Length);
        buffer.Write(value);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Number((ulong)length);
        Encoding.UTF8.GetBytes(value, buffer.GetSpan(length));
        buffer.Advance(length);
    }

    public byte[] ToArray() => buffer.WrittenSpan.ToArray();
}

/// <summary>Reads what <see cref="BinaryWriting"/> wrote.</summary>
internal ref struct BinaryReading
{
    private readonly ReadOnlySpan<byte> bytes;
    private readonly string what;
    private int at;

    /// <exception cref="DataException">It is something else, or of a newer version.</exception>
    public BinaryReading(ReadOnlySpan<byte> bytes, char kind, byte newest, string what)
    {
        this.bytes = bytes;
        this.what = what;
        if (Byte() != (byte)kind) throw Damaged();
        Version = Byte();
        if (Version > newest)
        {
            throw new DataException($"a stored {what} has version {Version}; this program knows up to {newest}. A newer program wrote it: update this one.");
        }
    }

    public byte Version { get; }

    public byte Byte() => at < bytes.Length ? bytes[at++] : throw Damaged();

    public ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw Damaged();
    }

    public long Whole() => (long)Number();

    /// <summary>A length or a count of things of which each takes at least a byte: a damaged one must not ask for all memory.</summary>
    public int Length() => Number() is var n && n <= (ulong)(bytes.Length - at) ? (int)n : throw Damaged();

    public long Signed() => Number() is var n ? (long)(n >> 1) ^ -(long)(n & 1) : 0;

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public ReadOnlySpan<byte> Bytes() => Take(Length());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public readonly DataException Damaged() => new($"a stored {what} is damaged: it ends early or is something else. It was changed since it was written.");

    public ReadOnlySpan<byte> Take(int length)
    {
        if (length > bytes.Length - at) throw Damaged();
        at += length;
        return bytes.Slice(at - length, length);
    }
}
