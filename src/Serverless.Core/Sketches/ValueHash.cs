using System.IO.Hashing;
using System.Text;

namespace Serverless.Sketches;

/// <summary>64-bit hashes of values, the same on every machine: XXH3 for text (as UTF-8), the finaliser of MurmurHash3 for numbers.</summary>
public static class ValueHash
{
    public static ulong Of(long value)
    {
        var x = (ulong)value + 0x9E3779B97F4A7C15; // Without it, 0 would stay 0.
        x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD;
        x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53;
        return x ^ (x >> 33);
    }

    /// <summary>-0 is 0.</summary>
    public static ulong Of(double value) => Of(BitConverter.DoubleToInt64Bits(value == 0 ? 0 : value));

    public static ulong Of(ReadOnlySpan<byte> utf8) => XxHash3.HashToUInt64(utf8);

    public static ulong Of(string value)
    {
        Span<byte> utf8 = stackalloc byte[256];
        return Encoding.UTF8.TryGetBytes(value, utf8, out var length) ? Of(utf8[..length]) : Of(Encoding.UTF8.GetBytes(value));
    }
}
