using System.Globalization;
using System.Runtime.CompilerServices;
using Serverless.Datasets;

namespace Serverless.Profiles;

/// <summary>
/// How often each value of a column occurs, values ascending: from this every figure of a profile follows exactly, without the rows.
/// Numbers are <see cref="double"/> or <see cref="long"/>; timestamps are microseconds since 1970 as <see cref="long"/>.
/// </summary>
public static class Frequencies
{
    /// <summary>More different values than this are estimated instead of counted.</summary>
    public const int MostValues = 10_000;

    /// <summary>So many of the most frequent values are shown.</summary>
    internal const int TopValues = 10;

    private static readonly (string Name, double P)[] Probabilities = [("0.05", 0.05), ("0.25", 0.25), ("0.5", 0.5), ("0.75", 0.75), ("0.95", 0.95)];

    /// <summary>Names of the quantiles that a profile has, and their probabilities.</summary>
    public static IReadOnlyList<(string Name, double P)> Quantiles => Probabilities;

    public static ColumnProfile Profile(string name, ColumnType type, long nulls, ReadOnlySpan<long> values, ReadOnlySpan<long> counts)
    {
        if (type == ColumnType.Timestamp)
        {
            return new ColumnProfile
            {
                Name = name, Type = TypeName(type), Nulls = nulls, Distinct = values.Length,
                Min = values.Length > 0 ? TimestampText(values[0]) : null, Max = values.Length > 0 ? TimestampText(values[^1]) : null,
                Top = Top(values, counts, TimestampText),
            };
        }

        var numbers = new double[values.Length];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = values[i];
        return Numeric(name, type, nulls, numbers, counts) with
        {
            Min = values.Length > 0 ? values[0] : null,
            Max = values.Length > 0 ? values[^1] : null,
            Top = Top(values, counts, v => v.ToString(CultureInfo.InvariantCulture)),
        };
    }

    public static ColumnProfile Profile(string name, ColumnType type, long nulls, ReadOnlySpan<double> values, ReadOnlySpan<long> counts) =>
        Numeric(name, type, nulls, values, counts) with { Top = Top(values, counts, v => v.ToString("R", CultureInfo.InvariantCulture)) };

    /// <summary>For text, and for booleans as the texts <c>false</c> and <c>true</c>. Values in ordinal order.</summary>
    public static ColumnProfile Profile(string name, ColumnType type, long nulls, ReadOnlySpan<string> values, ReadOnlySpan<long> counts) => new()
    {
        Name = name, Type = TypeName(type), Nulls = nulls, Distinct = values.Length,
        Min = values.Length > 0 ? values[0] : null, Max = values.Length > 0 ? values[^1] : null,
        Top = Top(values, counts, v => v),
    };

    /// <summary>Quantile of the values with their counts, interpolated linearly between neighbours (SQL's PERCENTILE_CONT, NumPy's default).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Quantile(ReadOnlySpan<double> values, ReadOnlySpan<long> counts, double p)
    {
        long n = 0;
        foreach (var count in counts) n += count;
        var position = p * (n - 1);
        var lower = (long)Math.Floor(position);
        var fraction = position - lower;
        long seen = 0;
        for (var i = 0; i < values.Length; i++)
        {
            seen += counts[i];
            if (seen <= lower) continue;
            return fraction == 0 || seen > lower + 1 ? values[i] : values[i] + (fraction * (values[i + 1] - values[i]));
        }

        return double.NaN;
    }

    public static string TypeName(ColumnType type) => type.ToString().ToLowerInvariant();

    /// <summary>ISO 8601 in UTC, with as many decimals of a second as there are.</summary>
    public static string TimestampText(long microseconds) =>
        DateTime.UnixEpoch.AddTicks(microseconds * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>12 significant digits: what survives adding up in another order.</summary>
    public static double Round(double value) =>
        double.IsFinite(value) ? double.Parse(value.ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : value;

    private static ColumnProfile Numeric(string name, ColumnType type, long nulls, ReadOnlySpan<double> values, ReadOnlySpan<long> counts)
    {
        var profile = new ColumnProfile { Name = name, Type = TypeName(type), Nulls = nulls, Distinct = values.Length };
        if (values.Length == 0) return profile;
        long n = 0;
        double sum = 0;
        for (var i = 0; i < values.Length; i++)
        {
            n += counts[i];
            sum += values[i] * counts[i];
        }

        var mean = sum / n;
        double squares = 0;
        for (var i = 0; i < values.Length; i++) squares += counts[i] * (values[i] - mean) * (values[i] - mean);
        var quantiles = new Dictionary<string, double>(Probabilities.Length);
        foreach (var (label, p) in Probabilities) quantiles[label] = Round(Quantile(values, counts, p));
        return profile with
        {
            Min = values[0],
            Max = values[^1],
            Mean = Round(mean),
            Stddev = n > 1 ? Round(Math.Sqrt(squares / (n - 1))) : null,
            Quantiles = quantiles,
        };
    }

    // Most frequent first; among equals the smaller value, so that the answer does not depend on the engine's order.
    private static List<ValueCount> Top<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> counts, Func<T, string> text)
    {
        Span<int> best = stackalloc int[TopValues];
        var found = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (found == TopValues && counts[i] <= counts[best[found - 1]]) continue;
            var at = found < TopValues ? found++ : found - 1;
            for (; at > 0 && counts[i] > counts[best[at - 1]]; at--) best[at] = best[at - 1];
            best[at] = i;
        }

        var top = new List<ValueCount>(found);
        foreach (var i in best[..found]) top.Add(new ValueCount(text(values[i]), counts[i]));
        return top;
    }
}
