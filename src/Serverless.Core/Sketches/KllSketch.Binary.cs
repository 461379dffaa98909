namespace Serverless.Sketches;

public sealed partial class KllSketch
{
    private const char Kind = 'K';
    private const byte Newest = 1;
    private const int WholeFlag = 1, HalvedFlag = 2;

    public byte[] ToBytes()
    {
        var writer = new BinaryWriting(Kind, Newest);
        writer.Number(k);
        writer.Number(seed);
        writer.Number(Count);
        if (Count == 0) return writer.ToArray();
        writer.Double(Min);
        writer.Double(Max);
        writer.Number(pairOpen);
        writer.Number(pairChoice);
        levels[0].Sort();
        var whole = levels.TrueForAll(l => !l.Values.ContainsAnyFraction());
        writer.Byte((byte)((whole ? WholeFlag : 0) | (halved ? HalvedFlag : 0)));
        writer.Number(levels.Count);
        foreach (var level in levels)
        {
            writer.Number(level.Count);
            long last = 0;
            foreach (var value in level.Values)
            {
                if (whole) writer.Signed((long)value - last);
                else writer.Double(value);
                last = (long)value;
            }
        }

        return writer.ToArray();
    }

    public static KllSketch FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryReading(bytes, Kind, Newest, "quantile sketch");
        var size = reader.Number();
        if (size is < LeastCapacity or > 1 << 16) throw reader.Damaged();
        var sketch = new KllSketch((int)size, reader.Number()) { Count = reader.Whole() };
        if (sketch.Count == 0) return sketch;
        (sketch.Min, sketch.Max) = (reader.Double(), reader.Double());
        (sketch.pairOpen, sketch.pairChoice) = (reader.Number(), reader.Number());
        var flags = reader.Byte();
        sketch.halved = (flags & HalvedFlag) != 0;
        var height = reader.Length();
        if (height > MostLevels) throw reader.Damaged();
        sketch.Grow(height);
        for (var h = 0; h < height; h++)
        {
            var count = reader.Length();
            long last = 0;
            for (var i = 0; i < count; i++) sketch.levels[h].Append((flags & WholeFlag) != 0 ? last += reader.Signed() : reader.Double());

            sketch.retained += count;
        }

        return sketch;
    }
}

/// <summary>Whole numbers are stored as differences, in a byte or two each.</summary>
file static class Fractions
{
    // Above it a double has no neighbour that differs by one.
    private const double GreatestWhole = 1L << 53;

    public static bool ContainsAnyFraction(this ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (value != Math.Floor(value) || Math.Abs(value) > GreatestWhole || (value == 0 && double.IsNegative(value))) return true;
        }

        return false;
    }
}
