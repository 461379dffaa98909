using System.Text;
using DuckDB.NET.Native;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Tables;

/// <summary>A table of memory into a Parquet file: whole vectors into the engine, and its writer on both cores.</summary>
internal static class TableWriter
{
    private const int Inlined = 12;

    public static void Write(Session session, string path, Table table, CancellationToken cancel)
    {
        Load(session, "rows", table, cancel);
        // The engine keeps the order of insertion.
        session.Execute($"COPY rows TO {Sql.Text(path)} (FORMAT parquet, COMPRESSION zstd)", cancel);
    }

    /// <summary>A table of the engine with these rows, in their order.</summary>
    public static void Load(Session session, string name, Table table, CancellationToken cancel)
    {
        session.Execute($"CREATE OR REPLACE TABLE {name} ({string.Join(", ", table.Columns.Select(c => $"{Sql.Name(c.Name)} {Sql.Type(c.Type)}"))})", cancel);
        var texts = table.Columns.Select(c => c is StringColumn text ? Cells(text) : null).ToArray();
        session.AppendVectors(name, table.Rows, [.. table.Columns.Select(c => TypeOf(c.Type))], (vector, c, start, count) => Fill(vector, table.Columns[c], texts[c], start, count), cancel);
    }

    private static DuckDBType TypeOf(ColumnType type) => type switch
    {
        ColumnType.Integer => DuckDBType.BigInt,
        ColumnType.Number => DuckDBType.Double,
        ColumnType.Boolean => DuckDBType.Boolean,
        ColumnType.Timestamp => DuckDBType.Timestamp,
        _ => DuckDBType.Varchar,
    };

    private static void Fill(WritableVector vector, TableColumn column, Text[]? texts, int start, int count)
    {
        switch (column)
        {
            case IntegerColumn integers:
                integers.Values.AsSpan(start, count).CopyTo(vector.Values<long>());
                break;
            case NumberColumn numbers:
                numbers.Values.AsSpan(start, count).CopyTo(vector.Values<double>());
                break;
            case BooleanColumn booleans:
                var flags = vector.Values<byte>();
                for (var i = 0; i < count; i++) flags[i] = booleans.Values[start + i] ? (byte)1 : (byte)0;
                break;
            case TimestampColumn times:
                var micros = vector.Values<long>();
                for (var i = 0; i < count; i++) micros[i] = (times.Ticks[start + i] - DateTime.UnixEpoch.Ticks) / 10;
                break;
            case StringColumn strings:
                Fill(vector, strings, texts!, start, count);
                return;
        }

        if (column.Missing is { } missing) vector.SetMissing(missing.AsSpan(start, count));
    }

    private static void Fill(WritableVector vector, StringColumn column, Text[] texts, int start, int count)
    {
        var cells = vector.Values<Cell>();
        Span<bool> missing = stackalloc bool[count];
        for (var i = 0; i < count; i++)
        {
            var code = column.Codes[start + i];
            missing[i] = code < 0 || column.IsMissing(start + i);
            if (missing[i]) cells[i] = default;
            else if (texts[code].Long is { } utf8) vector.SetText(i, utf8);
            else cells[i] = texts[code].Cell;
        }

        vector.SetMissing(missing);
    }

    // A short text is in its cell: it is made once, and copied for each row.
    private static Text[] Cells(StringColumn column) => Array.ConvertAll(column.Dictionary, text =>
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        if (utf8.Length > Inlined) return new Text(default, utf8);
        Span<byte> cell = stackalloc byte[16];
        cell.Clear();
        BitConverter.TryWriteBytes(cell, utf8.Length);
        utf8.CopyTo(cell[4..]);
        return new Text(System.Runtime.InteropServices.MemoryMarshal.Read<Cell>(cell), null);
    });

    private readonly record struct Text(Cell Cell, byte[]? Long);
}
