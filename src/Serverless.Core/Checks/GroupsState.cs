using System.Text.Json.Serialization;
using Serverless.Sketches;

namespace Serverless.Checks;

/// <summary>How often values occur. Two of them merge where both know their values: a value may be in both.</summary>
/// <param name="Rows">Rows with at least one of the columns filled.</param>
/// <param name="Groups">Different values.</param>
/// <param name="Unique">Values that occur once.</param>
/// <param name="Keys">Values that occur once and have every column filled.</param>
/// <param name="Entropy">Shannon entropy in nats.</param>
public sealed record GroupsState(long Rows, long Groups, long Unique, long Keys, double Entropy) : AggregateState
{
    /// <summary>More different values than this are not kept: the state stays small, and a merge has to read the rows.</summary>
    public const int MostKept = 2_048;

    /// <summary>How often the most frequent value occurs.</summary>
    public long Most { get; init; }

    /// <summary>The values (see <see cref="GroupKey"/>) and how often each occurs; null where there are too many.</summary>
    [JsonConverter(typeof(SketchJson<FrequencySketch<string>>))]
    public FrequencySketch<string>? Frequencies { get; init; }

    public static GroupsState None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>The state of counted values.</summary>
    public static GroupsState Of(FrequencySketch<string> frequencies)
    {
        var (values, counts) = frequencies.Sorted();
        var keys = 0L;
        for (var i = 0; i < values.Length; i++)
        {
            if (counts[i] == 1 && GroupKey.IsComplete(values[i])) keys++;
        }

        return Of(counts, keys) with { Frequencies = frequencies.Kept <= MostKept ? frequencies : null };
    }

    /// <param name="counts">How often each of the values occurs.</param>
    /// <param name="keys">Complete values among those that occur once.</param>
    public static GroupsState Of(ReadOnlySpan<long> counts, long keys)
    {
        if (counts.IsEmpty) return None;
        var order = counts.ToArray();
        order.AsSpan().Sort(); // So that the same values add up to the same last digit, in whatever order they came.
        var (rows, sum) = (0L, 0.0);
        foreach (var n in order)
        {
            rows += n;
            sum += n * Math.Log(n);
        }

        return new GroupsState(rows, order.Length, order.AsSpan().Count(1L), keys, Math.Log(rows) - (sum / rows)) { Most = order[^1] };
    }

    public override AggregateState? Merge(AggregateState other)
    {
        var o = (GroupsState)other;
        if (Rows == 0) return o;
        if (o.Rows == 0) return this;
        if (Frequencies is null || o.Frequencies is null) return null;
        var merged = Frequencies.Copy();
        merged.Merge(o.Frequencies);
        return merged.IsExact ? Of(merged) with { Frequencies = merged } : null;
    }

    public bool Equals(GroupsState? other) =>
        other is not null && (Rows, Groups, Unique, Keys, Entropy, Most) == (other.Rows, other.Groups, other.Unique, other.Keys, other.Entropy, other.Most);

    public override int GetHashCode() => HashCode.Combine(Rows, Groups, Unique, Keys, Entropy, Most);
}

/// <summary>Pairs of values of two columns. Two of them merge where both know their pairs.</summary>
/// <param name="Rows">Rows with both columns filled.</param>
/// <param name="Mutual">Mutual information in nats.</param>
public sealed record PairsState(long Rows, double Mutual) : AggregateState
{
    /// <summary>The pairs (see <see cref="GroupKey"/>) and how often each occurs; null where there are too many.</summary>
    [JsonConverter(typeof(SketchJson<FrequencySketch<string>>))]
    public FrequencySketch<string>? Frequencies { get; init; }

    public static PairsState None { get; } = new(0, 0);

    /// <summary>Mutual information of the empirical distribution. Source: Cover, Thomas, "Elements of Information Theory", equation 2.28.</summary>
    public static PairsState Of(FrequencySketch<string> pairs)
    {
        var (keys, counts) = pairs.Sorted();
        if (keys.Length == 0) return None;
        var parts = keys.Select(GroupKey.Split).ToArray();
        var first = Totals(parts.Select(p => p[0]), counts);
        var second = Totals(parts.Select(p => p[1]), counts);
        double rows = pairs.Count, sum = 0;
        for (var i = 0; i < keys.Length; i++) sum += counts[i] * Math.Log(counts[i] * rows / ((double)first[parts[i][0]] * second[parts[i][1]]));
        return new PairsState(pairs.Count, Math.Max(0, sum / rows)) { Frequencies = pairs };
    }

    public override AggregateState? Merge(AggregateState other)
    {
        var o = (PairsState)other;
        if (Rows == 0) return o;
        if (o.Rows == 0) return this;
        if (Frequencies is null || o.Frequencies is null) return null;
        var merged = Frequencies.Copy();
        merged.Merge(o.Frequencies);
        return merged.IsExact ? Of(merged) : null;
    }

    public bool Equals(PairsState? other) => other is not null && (Rows, Mutual) == (other.Rows, other.Mutual);

    public override int GetHashCode() => HashCode.Combine(Rows, Mutual);

    private static Dictionary<string, long> Totals(IEnumerable<string> values, long[] counts)
    {
        var totals = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (value, count) in values.Zip(counts)) totals[value] = totals.GetValueOrDefault(value) + count;
        return totals;
    }
}
