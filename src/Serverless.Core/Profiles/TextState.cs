using Serverless.Datasets;
using Serverless.Sketches;

namespace Serverless.Profiles;

/// <summary>A column of text: the values and how long they are.</summary>
public sealed class TextState(string name) : ValuesState<string>(name, ColumnType.String)
{
    private NumericState<long> lengths = new(name, ColumnType.Integer);

    /// <summary>Lengths in characters (code points).</summary>
    public INumericState Lengths => lengths;

    private protected override void AddMore(ReadOnlySpan<string> values, ReadOnlySpan<long> counts)
    {
        var byLength = new SortedDictionary<long, long>();
        for (var i = 0; i < values.Length; i++)
        {
            var length = Characters(values[i]);
            byLength[length] = byLength.GetValueOrDefault(length) + counts[i];
        }

        lengths.Add([.. byLength.Keys], (ReadOnlySpan<long>)[.. byLength.Values]);
    }

    public override ColumnProfile ToProfile()
    {
        var (values, counts) = Frequencies.Sorted();
        var profile = IsExact ? Profiles.Frequencies.Profile(Name, Type, Nulls, values, counts) : new ColumnProfile
        {
            Name = Name, Type = Profiles.Frequencies.TypeName(Type), Nulls = Nulls, Distinct = (long)Math.Round(Distinct), Min = Min, Max = Max,
            Top = SketchedTop(v => v), TopError = Frequencies.Error, DistinctError = HyperLogLog.StandardError,
        };
        return Count == 0 ? profile : profile with
        {
            Lengths = new LengthProfile(lengths.Min, lengths.Max, Profiles.Frequencies.Round(lengths.Moments.Mean),
                Profiles.Frequencies.Quantiles.ToDictionary(q => q.Name, q => Profiles.Frequencies.Round(lengths.Quantile(q.P)))),
        };
    }

    private protected override long Room => Frequencies.Sorted().Values.Sum(v => (long)v.Length);

    private protected override void Estimate(ReadOnlySpan<string> values, ReadOnlySpan<long> counts)
    {
        // Text has no quantiles; its lengths are counted beside.
    }

    private protected override void MergeValues(ColumnState other)
    {
        base.MergeValues(other);
        lengths.Merge(((TextState)other).lengths);
    }

    private protected override void MergeEstimates(ValuesState<string> other)
    {
        // As above.
    }

    private protected override void CopyEstimates(ValuesState<string> to) => ((TextState)to).lengths = (NumericState<long>)lengths.Copy();

    private protected override void WriteMore(BinaryWriting writer) => writer.Bytes(lengths.ToBytes());

    private protected override void ReadMore(ref BinaryReading reader) => lengths = FromBytes(reader.Bytes()) as NumericState<long> ?? throw reader.Damaged();

    private protected override void WriteEstimates(BinaryWriting writer)
    {
        // As above.
    }

    private protected override void ReadEstimates(ref BinaryReading reader)
    {
        // As above.
    }

    private protected override void WriteValue(BinaryWriting writer, string value) => writer.Text(value);

    private protected override string ReadValue(ref BinaryReading reader) => reader.Text();

    private static int Characters(string text)
    {
        var pairs = 0;
        foreach (var c in text)
        {
            if (char.IsLowSurrogate(c)) pairs++;
        }

        return text.Length - pairs;
    }
}
