using System.Text.Json.Serialization;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Sketches;

namespace Serverless.Profiles;

/// <summary>
/// What the profile of a column follows from. States of disjoint sets of rows merge into the state of their union without the rows: counts, extremes and moments
/// exactly (moments to rounding), values and their counts exactly up to 10,000 different ones, quantiles and distinct values within the errors that the sketches state.
/// </summary>
[JsonConverter(typeof(SketchJson<ColumnState>))]
public abstract class ColumnState : ISketch<ColumnState>
{
    private const char Kind = 'C';
    private const byte Newest = 1;

    private protected ColumnState(string name, ColumnType type) => (Name, Type) = (name, type);

    public string Name { get; }

    public ColumnType Type { get; }

    /// <summary>Rows in which the column is empty.</summary>
    public long Nulls { get; private set; }

    /// <summary>Rows in which it is filled.</summary>
    public abstract long Count { get; }

    /// <summary>Different values: exact while <see cref="IsExact"/>.</summary>
    public abstract double Distinct { get; }

    /// <summary>Every value is counted; every figure is exact.</summary>
    public abstract bool IsExact { get; }

    public static ColumnState Create(string name, ColumnType type) => type switch
    {
        ColumnType.Integer or ColumnType.Timestamp => new NumericState<long>(name, type),
        ColumnType.Number => new NumericState<double>(name, type),
        ColumnType.Boolean => new BooleanState(name),
        _ => new TextState(name),
    };

    public void AddNulls(long nulls) => Nulls += nulls;

    /// <summary>The figures.</summary>
    public abstract ColumnProfile ToProfile();

    /// <exception cref="DataException">The other column is of another type.</exception>
    public void Merge(ColumnState other)
    {
        if (other.GetType() != GetType() || other.Type != Type)
        {
            throw new DataException($"column '{Name}' is {Frequencies.TypeName(Type)} in one part of the data and {Frequencies.TypeName(other.Type)} in another: their profiles do not merge.");
        }

        Nulls += other.Nulls;
        MergeValues(other);
    }

    public ColumnState Copy()
    {
        var copy = CopyValues();
        copy.Nulls = Nulls;
        return copy;
    }

    public byte[] ToBytes()
    {
        var writer = new BinaryWriting(Kind, Newest);
        writer.Byte((byte)Type);
        writer.Text(Name);
        writer.Number(Nulls);
        Write(writer);
        return writer.ToArray();
    }

    public static ColumnState FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryReading(bytes, Kind, Newest, "column profile");
        var type = (ColumnType)reader.Byte();
        if (!Enum.IsDefined(type)) throw reader.Damaged();
        var state = Create(reader.Text(), type);
        state.Nulls = reader.Whole();
        state.Read(ref reader);
        return state;
    }

    private protected abstract void MergeValues(ColumnState other);

    private protected abstract ColumnState CopyValues();

    private protected abstract void Write(BinaryWriting writer);

    private protected abstract void Read(ref BinaryReading reader);
}
