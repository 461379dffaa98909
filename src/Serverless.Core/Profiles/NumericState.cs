using System.Globalization;
using System.Numerics;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Sketches;

namespace Serverless.Profiles;

/// <summary>A column of numbers or timestamps, seen as numbers: what compares distributions needs no more.</summary>
public interface INumericState
{
    string Name { get; }

    ColumnType Type { get; }

    long Count { get; }

    bool IsExact { get; }

    /// <summary>Count, mean and squared deviations. Of timestamps in seconds since 1970.</summary>
    MomentsState Moments { get; }

    /// <summary>By which share of all values a rank or quantile may be off, 99 % confidence; 0 where it is exact.</summary>
    double RankError { get; }

    /// <summary>Values ascending and how many each stands for. Timestamps in seconds since 1970.</summary>
    (double[] Values, long[] Weights) Distribution();
}

/// <summary>Integers and timestamps (microseconds since 1970) as <see cref="long"/>, numbers as <see cref="double"/>.</summary>
public sealed class NumericState<T>(string name, ColumnType type) : ValuesState<T>(name, type), INumericState where T : struct, INumber<T>
{
    private const double Microseconds = 1e6;

    private MomentsState moments = new(0, 0, 0);
    private KllSketch? quantiles;

    private bool IsTime => Type == ColumnType.Timestamp;

    public double RankError => quantiles?.RankError ?? 0;

    public MomentsState Moments => quantiles is null ? MomentsOf(Numbers(Frequencies.Sorted().Values), Frequencies.Sorted().Counts) : moments;

    public (double[] Values, long[] Weights) Distribution()
    {
        if (quantiles is not null) return quantiles.Distribution();
        var (values, counts) = Frequencies.Sorted();
        return (Numbers(values), counts);
    }

    /// <summary>Value below which a share of the values lies; NaN without values. Timestamps in seconds since 1970.</summary>
    public double Quantile(double p)
    {
        if (quantiles is not null) return quantiles.Quantile(p);
        var (values, counts) = Distribution();
        return Profiles.Frequencies.Quantile(values, counts, p);
    }

    public override ColumnProfile ToProfile()
    {
        var (values, weights) = Distribution();
        var profile = quantiles is null ? Exact() : new ColumnProfile
        {
            Name = Name, Type = Profiles.Frequencies.TypeName(Type), Nulls = Nulls, Distinct = (long)Math.Round(Distinct),
            Min = Shown(Min), Max = Shown(Max), Top = SketchedTop(Text), TopError = Frequencies.Error,
            Mean = IsTime ? null : Profiles.Frequencies.Round(moments.Mean),
            Stddev = IsTime || moments.Count < 2 ? null : Profiles.Frequencies.Round(Math.Sqrt(moments.SquaredDeviations / (moments.Count - 1))),
            RankError = RankError, DistinctError = HyperLogLog.StandardError,
        };
        return Count == 0 ? profile : profile with
        {
            Quantiles = profile.Quantiles ?? Profiles.Frequencies.Quantiles.ToDictionary(q => q.Name, q => Profiles.Frequencies.Round(Quantile(q.P))),
            Histogram = Histogram.Of(values, weights, Number(Min), Number(Max), Type == ColumnType.Integer, IsTime),
        };
    }

    private ColumnProfile Exact()
    {
        var (values, counts) = Frequencies.Sorted();
        return values switch
        {
            long[] whole => Profiles.Frequencies.Profile(Name, Type, Nulls, whole, counts),
            double[] numbers => Profiles.Frequencies.Profile(Name, Type, Nulls, numbers, counts),
            _ => throw new NotSupportedException($"{typeof(T)} is no type of a number"),
        };
    }

    private protected override void Estimate(ReadOnlySpan<T> values, ReadOnlySpan<long> counts)
    {
        var numbers = Numbers(values);
        moments = (MomentsState)moments.Merge(MomentsOf(numbers, counts));
        (quantiles ??= new KllSketch()).AddCounted(numbers, counts);
    }

    private protected override void MergeEstimates(ValuesState<T> other)
    {
        moments = (MomentsState)moments.Merge(((NumericState<T>)other).moments);
        quantiles!.Merge(((NumericState<T>)other).quantiles!);
    }

    private protected override void CopyEstimates(ValuesState<T> to) => (((NumericState<T>)to).moments, ((NumericState<T>)to).quantiles) = (moments, quantiles?.Copy());

    private protected override void WriteEstimates(BinaryWriting writer)
    {
        writer.Number(moments.Count);
        writer.Double(moments.Mean);
        writer.Double(moments.SquaredDeviations);
        writer.Bytes(quantiles!.ToBytes());
    }

    private protected override void ReadEstimates(ref BinaryReading reader)
    {
        moments = new MomentsState(reader.Whole(), reader.Double(), reader.Double());
        quantiles = KllSketch.FromBytes(reader.Bytes());
    }

    private protected override void WriteValue(BinaryWriting writer, T value)
    {
        if (value is long whole) writer.Signed(whole);
        else writer.Double(double.CreateChecked(value));
    }

    private protected override T ReadValue(ref BinaryReading reader) => typeof(T) == typeof(long) ? T.CreateChecked(reader.Signed()) : T.CreateChecked(reader.Double());

    // Two passes over the different values: no cancellation, however far they are from zero.
    private static MomentsState MomentsOf(ReadOnlySpan<double> values, ReadOnlySpan<long> counts)
    {
        long n = 0;
        double sum = 0, squares = 0;
        for (var i = 0; i < values.Length; i++)
        {
            n += counts[i];
            sum += values[i] * counts[i];
        }

        if (n == 0) return new MomentsState(0, 0, 0);
        var mean = sum / n;
        for (var i = 0; i < values.Length; i++) squares += counts[i] * (values[i] - mean) * (values[i] - mean);
        return new MomentsState(n, mean, squares);
    }

    private double[] Numbers(ReadOnlySpan<T> values)
    {
        var numbers = new double[values.Length];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = Number(values[i]);
        return numbers;
    }

    private double Number(T value) => IsTime ? double.CreateChecked(value) / Microseconds : double.CreateChecked(value);

    private object Shown(T value) => IsTime ? Text(value) : value;

    private string Text(T value) => IsTime ? Profiles.Frequencies.TimestampText(long.CreateChecked(value))
        : value is double number ? number.ToString("R", CultureInfo.InvariantCulture) : value.ToString(null, CultureInfo.InvariantCulture);
}
