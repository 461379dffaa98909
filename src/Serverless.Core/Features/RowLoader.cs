using Serverless.Datasets;

namespace Serverless.Features;

/// <summary>Copies rows of a <see cref="Table"/> into a <see cref="RawRow"/>, so that training and batches take the road of a request.</summary>
public sealed class RowLoader
{
    private readonly Action<RawRow, int>[] copies;

    /// <summary>Columns of the schema that the table lacks are missing in every row.</summary>
    public RowLoader(Table table, RawSchema schema)
    {
        copies = [.. schema.Columns.Select((c, slot) => Copy(table, c, slot))];
    }

    public void Load(int row, RawRow target)
    {
        foreach (var copy in copies) copy(target, row);
    }

    private static Action<RawRow, int> Copy(Table table, RawColumn column, int slot)
    {
        if (!table.Has(column.Name)) return (row, _) => row.SetMissing(slot);
        var source = table[column.Name];
        var missing = source.Missing;
        switch (source)
        {
            case IntegerColumn c when column.Type == ColumnType.Number:
                return (row, i) => { if (missing is not null && missing[i]) row.SetMissing(slot); else row.SetNumber(slot, c.Values[i]); };
            case IntegerColumn c:
                return (row, i) => { if (missing is not null && missing[i]) row.SetMissing(slot); else row.SetInteger(slot, c.Values[i]); };
            case NumberColumn c:
                return (row, i) => { if (missing is not null && missing[i]) row.SetMissing(slot); else row.SetNumber(slot, c.Values[i]); };
            case BooleanColumn c:
                return (row, i) => { if (missing is not null && missing[i]) row.SetMissing(slot); else row.SetBoolean(slot, c.Values[i]); };
            case TimestampColumn c:
                return (row, i) => { if (missing is not null && missing[i]) row.SetMissing(slot); else row.SetTimestamp(slot, c.Ticks[i]); };
            case StringColumn c:
                return (row, i) => row.SetText(slot, c[i]);
            default:
                throw new ArgumentException($"column '{column.Name}' has a kind that is not known: {source.GetType().Name}", nameof(table));
        }
    }
}
