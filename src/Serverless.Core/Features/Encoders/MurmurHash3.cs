using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Serverless.Features;

/// <summary>
/// MurmurHash3_x86_32 (Appleby, public domain) with seed 0 over UTF-8, and scikit-learn's way from it to a bucket (FeatureHasher, HashingVectorizer): |h| mod buckets,
/// so that the buckets can be had in Python too. The same on every machine; part of the stored models, so it never changes.
/// </summary>
internal static class MurmurHash3
{
    private const int OnStack = 512;

    public static int Bucket(ReadOnlySpan<char> text, int buckets)
    {
        var longest = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = longest > OnStack ? ArrayPool<byte>.Shared.Rent(longest) : null;
        Span<byte> utf8 = rented ?? stackalloc byte[OnStack];
        var length = Encoding.UTF8.GetBytes(text, utf8);
        var bucket = Bucket(Hash(utf8[..length]), buckets);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return bucket;
    }

    /// <summary>Of a number's text: whole numbers without a point, others so that they read back exactly. -0 is 0.</summary>
    public static int Bucket(double number, int buckets)
    {
        Span<char> text = stackalloc char[32];
        (number + 0.0).TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        return Bucket(text[..length], buckets);
    }

    internal static int Bucket(int hash, int buckets) => hash == int.MinValue ? (int.MaxValue - (buckets - 1)) % buckets : Math.Abs(hash) % buckets;

    internal static int Hash(ReadOnlySpan<byte> data)
    {
        const uint C1 = 0xcc9e2d51, C2 = 0x1b873593;
        var (h, length) = (0u, data.Length);
        for (; data.Length >= 4; data = data[4..])
        {
            h ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt32LittleEndian(data) * C1, 15) * C2;
            h = BitOperations.RotateLeft(h, 13) * 5 + 0xe6546b64;
        }

        var tail = 0u;
        for (var i = data.Length - 1; i >= 0; i--) tail = tail << 8 | data[i];
        if (data.Length > 0) h ^= BitOperations.RotateLeft(tail * C1, 15) * C2;
        h ^= (uint)length;
        h = (h ^ h >> 16) * 0x85ebca6b;
        h = (h ^ h >> 13) * 0xc2b2ae35;
        return (int)(h ^ h >> 16);
    }
}
