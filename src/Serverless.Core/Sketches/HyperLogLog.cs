using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Serverless.Sketches;

/// <summary>
/// How many different values there are, without keeping them: 4,096 registers, standard error <see cref="StandardError"/> (1.6 %), nearly exact for few.
/// Merging is exact: the merged sketch is the one that would have seen all values. Source: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog" (2007); estimator of
/// Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6, which needs no correction by tables.
/// </summary>
[JsonConverter(typeof(SketchJson<HyperLogLog>))]
public sealed class HyperLogLog : ISketch<HyperLogLog>
{
    private const int Precision = 12;
    private const int Registers = 1 << Precision;
    private const int Greatest = 64 - Precision + 1;
    private const char Kind = 'H';
    private const byte Newest = 1;

    private readonly byte[] registers = new byte[Registers];

    /// <summary>Relative: 1.04 / sqrt(4096).</summary>
    public const double StandardError = 0.01625;

    /// <param name="hash">A 64-bit hash of the value, all bits mixed: <see cref="ValueHash"/>.</param>
    public void Add(ulong hash)
    {
        var rest = hash << Precision;
        var rank = (byte)(rest == 0 ? Greatest : BitOperations.LeadingZeroCount(rest) + 1);
        ref var register = ref registers[hash >> (64 - Precision)];
        if (rank > register) register = rank;
    }

    public void AddRange(ReadOnlySpan<long> values)
    {
        foreach (var value in values) Add(ValueHash.Of(value));
    }

    public void AddRange(ReadOnlySpan<double> values)
    {
        foreach (var value in values) Add(ValueHash.Of(value));
    }

    public void AddRange(ReadOnlySpan<string> values)
    {
        foreach (var value in values) Add(ValueHash.Of(value));
    }

    /// <summary>Estimated number of different values.</summary>
    public double Estimate()
    {
        Span<int> counts = stackalloc int[Greatest + 1];
        foreach (var register in registers) counts[register]++;
        var z = Registers * Tau((double)(Registers - counts[Greatest]) / Registers);
        for (var k = Greatest - 1; k >= 1; k--) z = 0.5 * (z + counts[k]);
        z += Registers * Sigma((double)counts[0] / Registers);
        return (double)Registers * Registers / (2 * Math.Log(2) * z);
    }

    public void Merge(HyperLogLog other)
    {
        var mine = MemoryMarshal.Cast<byte, Vector<byte>>(registers.AsSpan());
        var theirs = MemoryMarshal.Cast<byte, Vector<byte>>(other.registers.AsSpan());
        for (var i = 0; i < mine.Length; i++) mine[i] = Vector.Max(mine[i], theirs[i]);
    }

    public HyperLogLog Copy()
    {
        var copy = new HyperLogLog();
        registers.CopyTo(copy.registers, 0);
        return copy;
    }

    /// <summary>Sparse (place and rank of the used registers) while that is shorter, else six bits a register.</summary>
    public byte[] ToBytes()
    {
        var writer = new BinaryWriting(Kind, Newest);
        var used = Registers - registers.AsSpan().Count((byte)0);
        var sparse = used < Registers * 6 / 8 / 2;
        writer.Byte((byte)(sparse ? 1 : 0));
        if (!sparse)
        {
            for (var i = 0; i < Registers; i += 4)
            {
                var four = registers[i] | (registers[i + 1] << 6) | (registers[i + 2] << 12) | (registers[i + 3] << 18);
                writer.Byte((byte)four);
                writer.Byte((byte)(four >> 8));
                writer.Byte((byte)(four >> 16));
            }

            return writer.ToArray();
        }

        writer.Number(used);
        var last = 0;
        for (var i = 0; i < Registers; i++)
        {
            if (registers[i] == 0) continue;
            writer.Number(i - last);
            writer.Byte(registers[i]);
            last = i;
        }

        return writer.ToArray();
    }

    public static HyperLogLog FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryReading(bytes, Kind, Newest, "distinct sketch");
        var sketch = new HyperLogLog();
        if (reader.Byte() == 0)
        {
            Unpack(reader.Take(Registers * 6 / 8), sketch.registers);
        }
        else
        {
            var used = reader.Length();
            for (long i = 0, place = 0; i < used; i++)
            {
                place += reader.Whole();
                if (place is < 0 or >= Registers) throw reader.Damaged();
                sketch.registers[place] = reader.Byte();
            }
        }

        return sketch.registers.AsSpan().ContainsAnyInRange((byte)(Greatest + 1), byte.MaxValue) ? throw reader.Damaged() : sketch;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unpack(ReadOnlySpan<byte> packed, Span<byte> registers)
    {
        for (int i = 0, at = 0; at < packed.Length; i += 4, at += 3)
        {
            var four = packed[at] | (packed[at + 1] << 8) | (packed[at + 2] << 16);
            registers[i] = (byte)(four & 63);
            registers[i + 1] = (byte)((four >> 6) & 63);
            registers[i + 2] = (byte)((four >> 12) & 63);
            registers[i + 3] = (byte)(four >> 18);
        }
    }

    // Ertl's sigma and tau: what the registers that are zero and those that are full add.
    private static double Sigma(double x)
    {
        if (x == 1) return double.PositiveInfinity;
        double y = 1, z = x, before;
        do
        {
            x *= x;
            before = z;
            z += x * y;
            y += y;
        }
        while (z != before);

        return z;
    }

    private static double Tau(double x)
    {
        if (x is 0 or 1) return 0;
        double y = 1, z = 1 - x, before;
        do
        {
            x = Math.Sqrt(x);
            before = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        }
        while (z != before);

        return z / 3;
    }
}
