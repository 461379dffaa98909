using System.Buffers.Binary;
using System.Text;

namespace Serverless.Onnx.Files;

/// <summary>One field of a Protocol Buffers message.</summary>
internal readonly ref struct WireField(int number, int type, ulong value, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> whole)
{
    public int Number { get; } = number;

    /// <summary>0 a number, 1 eight bytes, 2 bytes with their length, 5 four bytes.</summary>
    public int Type { get; } = type;

    public long Number64 { get; } = (long)value;

    /// <summary>Of type 2: the text, the message or the packed numbers.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>With its tag: what is copied when it stays as it is.</summary>
    public ReadOnlySpan<byte> Whole { get; } = whole;

    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>A repeated number: one, or several packed.</summary>
    public void AddTo(List<long> numbers)
    {
        if (Type == 0)
        {
            numbers.Add(Number64);
            return;
        }

        for (var rest = Bytes; !rest.IsEmpty;) numbers.Add((long)WireReader.Varint(ref rest));
    }
}

/// <summary>Reads the fields of a message (protobuf.dev, "Encoding"): all that checking and rewriting an ONNX file needs, without generated classes.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    /// <exception cref="InvalidDataException">The bytes are no message, or cut off.</exception>
    public bool Next(out WireField field)
    {
        field = default;
        if (rest.IsEmpty) return false;
        var whole = rest;
        var tag = Varint(ref rest);
        var (number, type) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7));
        if (number == 0) throw new InvalidDataException("a field has number 0");
        var value = 0UL;
        var bytes = ReadOnlySpan<byte>.Empty;
        switch (type)
        {
            case 0:
                value = Varint(ref rest);
                break;
            case 1:
                value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                bytes = Take(Varint(ref rest));
                break;
            case 5:
                value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new InvalidDataException($"a field has wire type {type}");
        }

        field = new WireField(number, type, value, bytes, whole[..^rest.Length]);
        return true;
    }

    internal static ulong Varint(ref ReadOnlySpan<byte> from)
    {
        var value = 0UL;
        for (var i = 0; i < Math.Min(10, from.Length); i++)
        {
            value |= (ulong)(from[i] & 0x7F) << (7 * i);
            if (from[i] >= 0x80) continue;
            from = from[(i + 1)..];
            return value;
        }

        throw new InvalidDataException("a number is cut off");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)rest.Length) throw new InvalidDataException("the file is cut off");
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }
}

/// <summary>Writes a message.</summary>
internal sealed class WireWriter
{
    private readonly MemoryStream stream = new();

    public WireWriter Copy(in WireField field)
    {
        stream.Write(field.Whole);
        return this;
    }

    public WireWriter Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public WireWriter Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)bytes.Length);
        stream.Write(bytes);
        return this;
    }

    public WireWriter Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public byte[] ToArray() => stream.ToArray();

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }
}
