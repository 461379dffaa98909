using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.DuckDb.Tables;

namespace Serverless.DuckDb.History;

/// <summary>A column whose values come in any order, each with the number of its row. What does not come is missing.</summary>
internal sealed class Scatter(ColumnType type, int rows)
{
    private readonly long[]? longs = type is ColumnType.Integer or ColumnType.Timestamp ? new long[rows] : null;
    private readonly double[]? doubles = type == ColumnType.Number ? new double[rows] : null;
    private readonly bool[]? booleans = type == ColumnType.Boolean ? new bool[rows] : null;
    private readonly int[]? codes = type == ColumnType.String ? new int[rows] : null;
    private readonly Utf8Dictionary texts = new();
    private readonly bool[] present = new bool[rows];

    public void Add(in Vector vector, ReadOnlySpan<long> at)
    {
        for (var i = 0; i < at.Length; i++)
        {
            if (vector.IsNull(i)) continue;
            var row = (int)at[i];
            present[row] = true;
            if (doubles is not null) present[row] = double.IsFinite(doubles[row] = vector.Values<double>()[i]);
            else if (longs is not null) longs[row] = type == ColumnType.Timestamp ? (vector.Values<long>()[i] * 10) + DateTime.UnixEpoch.Ticks : vector.Values<long>()[i];
            else if (booleans is not null) booleans[row] = vector.Values<byte>()[i] != 0;
            else codes![row] = texts.CodeOf(vector.Utf8(i));
        }
    }

    public TableColumn Finish(string name)
    {
        var missing = Array.TrueForAll(present, p => p) ? null : Array.ConvertAll(present, p => !p);
        for (var i = 0; missing is not null && i < rows; i++)
        {
            if (!missing[i]) continue;
            if (codes is not null) codes[i] = -1;
            if (doubles is not null) doubles[i] = double.NaN;
        }

        return type switch
        {
            ColumnType.Integer => new IntegerColumn(name, longs!, missing),
            ColumnType.Timestamp => new TimestampColumn(name, longs!, missing),
            ColumnType.Number => new NumberColumn(name, doubles!, missing),
            ColumnType.Boolean => new BooleanColumn(name, booleans!, missing),
            _ => new StringColumn(name, codes!, [.. texts.Texts], missing),
        };
    }
}
