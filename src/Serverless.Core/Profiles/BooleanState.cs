using Serverless.Datasets;
using Serverless.Sketches;

namespace Serverless.Profiles;

/// <summary>How many are true and false.</summary>
public sealed class BooleanState(string name) : ColumnState(name, ColumnType.Boolean)
{
    public long Trues { get; private set; }

    public long Falses { get; private set; }

    public override long Count => Trues + Falses;

    public override double Distinct => Math.Sign(Trues) + Math.Sign(Falses);

    public override bool IsExact => true;

    public void Add(long trues, long falses) => (Trues, Falses) = (Trues + trues, Falses + falses);

    public override ColumnProfile ToProfile()
    {
        (string Value, long Count)[] found = [.. new[] { ("false", Falses), ("true", Trues) }.Where(v => v.Item2 > 0)];
        return Frequencies.Profile(Name, Type, Nulls, [.. found.Select(v => v.Value)], (ReadOnlySpan<long>)[.. found.Select(v => v.Count)]) with { Trues = Trues };
    }

    private protected override void MergeValues(ColumnState other) => Add(((BooleanState)other).Trues, ((BooleanState)other).Falses);

    private protected override ColumnState CopyValues() => new BooleanState(Name) { Trues = Trues, Falses = Falses };

    private protected override void Write(BinaryWriting writer)
    {
        writer.Number(Trues);
        writer.Number(Falses);
    }

    private protected override void Read(ref BinaryReading reader) => Add(reader.Whole(), reader.Whole());
}
