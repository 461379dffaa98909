using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Rollouts;

/// <summary>
/// Counts by bucket. Times: eight buckets for each power of two of a microsecond, so a quantile is off by 9 % at most. Shares: 200 of equal width from 0 to 1. Other values: sixteen for each
/// power of two, on both sides of zero.
/// </summary>
internal static class Buckets
{
    public const int Times = 8 * 44, Shares = 201, Values = 2 * ValueHalf;
    private const int ValueHalf = 16 * 80, ValueOffset = 40;

    public static int OfTime(double microseconds) => microseconds < 1 ? 0 : Math.Min(Times - 1, Place(microseconds, 8));

    /// <summary>Upper end of a bucket of time, in microseconds.</summary>
    public static double TimeAt(int bucket) => Math.ScaleB(1 + (((bucket % 8) + 1) / 8.0), bucket / 8);

    public static int OfShare(double share) => (int)(Math.Clamp(share, 0, 1) * (Shares - 1));

    public static int OfValue(double value)
    {
        var magnitude = Math.Abs(value);
        var place = magnitude < Math.ScaleB(1, -ValueOffset) ? 0 : Math.Min(ValueHalf - 1, Place(Math.ScaleB(magnitude, ValueOffset), 16));
        return value < 0 ? ValueHalf - 1 - place : ValueHalf + place;
    }

    private static int Place(double value, int parts)
    {
        var exponent = Math.ILogB(value);
        return (exponent * parts) + (int)((Math.ScaleB(value, -exponent) - 1) * parts);
    }
}

/// <summary>Counts by bucket, as they are stored: most buckets are empty. Adds up and subtracts.</summary>
[JsonConverter(typeof(SparseCountsJson))]
public sealed class SparseCounts : IEquatable<SparseCounts>
{
    private readonly SortedDictionary<int, long> counts = [];

    public IReadOnlyDictionary<int, long> Counts => counts;

    public long Total => counts.Values.Sum();

    public SparseCounts Add(int bucket, long count)
    {
        if (count != 0) counts[bucket] = counts.GetValueOrDefault(bucket) + count;
        return this;
    }

    public static SparseCounts operator +(SparseCounts a, SparseCounts b) => Combine(a, b, 1);

    public static SparseCounts operator -(SparseCounts a, SparseCounts b) => Combine(a, b, -1);

    /// <summary>The bucket in which the value of a rank lies, counted from 1; -1 without values.</summary>
    public int BucketOf(long rank)
    {
        long seen = 0;
        var last = -1;
        foreach (var (bucket, count) in counts)
        {
            if (count <= 0) continue;
            last = bucket;
            if ((seen += count) >= rank) return bucket;
        }

        return last;
    }

    public bool Equals(SparseCounts? other) => other is not null && counts.SequenceEqual(other.counts);

    public override bool Equals(object? obj) => Equals(obj as SparseCounts);

    public override int GetHashCode() => counts.Count;

    private static SparseCounts Combine(SparseCounts a, SparseCounts b, int sign)
    {
        var all = new SparseCounts();
        foreach (var (bucket, count) in a.counts) all.Add(bucket, count);
        foreach (var (bucket, count) in b.counts) all.Add(bucket, sign * count);
        foreach (var empty in all.counts.Where(c => c.Value == 0).Select(c => c.Key).ToList()) all.counts.Remove(empty);
        return all;
    }
}

/// <summary>As <c>{"12":3,"13":1}</c>.</summary>
public sealed class SparseCountsJson : JsonConverter<SparseCounts>
{
    public override SparseCounts Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var counts = new SparseCounts();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("expected an object of counts");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var bucket = int.Parse(reader.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);
            reader.Read();
            counts.Add(bucket, reader.GetInt64());
        }

        return counts;
    }

    public override void Write(Utf8JsonWriter writer, SparseCounts value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (bucket, count) in value.Counts) writer.WriteNumber(bucket.ToString(CultureInfo.InvariantCulture), count);
        writer.WriteEndObject();
    }
}
