using Serverless.Profiles;

namespace Serverless.Checks;

/// <summary>The values of a column as its profile keeps them: counted while they are few, then sketched (KLL for quantiles, HyperLogLog for distinct values).</summary>
public sealed record ValuesOfColumnState(ColumnState Column) : AggregateState
{
    public override AggregateState Merge(AggregateState other)
    {
        var merged = Column.Copy();
        merged.Merge(((ValuesOfColumnState)other).Column);
        return new ValuesOfColumnState(merged);
    }

    public bool Equals(ValuesOfColumnState? other) => other is not null && Column.ToBytes().AsSpan().SequenceEqual(other.Column.ToBytes());

    public override int GetHashCode() => HashCode.Combine(Column.Name, Column.Count);
}
