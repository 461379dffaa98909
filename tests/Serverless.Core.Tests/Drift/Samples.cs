using Serverless.Datasets;
using Serverless.Drift.Samples;

namespace Serverless.Core.Tests.Drift;

/// <summary>Samples whose values Python makes too (SplitMix64, then arithmetic without rounding differences), so that golden values can be computed elsewhere.</summary>
internal static class Samples
{
    /// <summary>REFERENCE VALUES' two samples of eight.</summary>
    public static readonly double[] A = [38.7, 41.5, 43.8, 44.5, 45.5, 46, 47.7, 58];
    public static readonly double[] C = [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8];

    public static double[] Uniform(ulong seed, int count)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            seed += 0x9E3779B97F4A7C15;
            var z = seed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            values[i] = ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }

        return values;
    }

    /// <summary>Standard normal values (Box-Muller), for power and false alarms only.</summary>
    public static double[] Normal(int seed, int count, double mean = 0, double deviation = 1)
    {
        var u = Uniform((ulong)seed * 7919 + 17, 2 * count);
        return [.. Enumerable.Range(0, count).Select(i => mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - u[2 * i])) * Math.Cos(2 * Math.PI * u[(2 * i) + 1])))];
    }

    public static NumericSample Of(params double[] values) => SampleBuilder.Of("x", values);

    public static NumberColumn Numbers(string name, params double[] values) => new(name, values, null);

    public static IntegerColumn Integers(string name, params long[] values) => new(name, values, null);

    public static StringColumn Strings(string name, params string?[] values)
    {
        var dictionary = values.OfType<string>().Distinct().ToList();
        return new(name, [.. values.Select(v => v is null ? -1 : dictionary.IndexOf(v))], [.. dictionary], values.Contains(null) ? [.. values.Select(v => v is null)] : null);
    }

    public static Table Table(params TableColumn[] columns) => new(columns[0] switch
    {
        NumberColumn c => c.Values.Length,
        IntegerColumn c => c.Values.Length,
        StringColumn c => c.Codes.Length,
        BooleanColumn c => c.Values.Length,
        TimestampColumn c => c.Ticks.Length,
        _ => 0,
    }, columns);
}
