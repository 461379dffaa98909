using System.Buffers;
using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Cli.Prediction;

/// <summary>Rows of a table as a request body, so that a file is read by the same rules as a request.</summary>
internal static class TableBody
{
    public static byte[] Write(Table table, int from, int count)
    {
        var text = new ArrayBufferWriter<byte>(count * 64);
        using var json = new Utf8JsonWriter(text, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteStartArray("rows"u8);
        for (var row = from; row < from + count; row++)
        {
            json.WriteStartObject();
            foreach (var column in table.Columns) if (!column.IsMissing(row)) Write(json, column, row);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return text.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, TableColumn column, int row)
    {
        switch (column)
        {
            case IntegerColumn c: json.WriteNumber(c.Name, c.Values[row]); break;
            case NumberColumn c when double.IsFinite(c.Values[row]): json.WriteNumber(c.Name, c.Values[row]); break;
            case BooleanColumn c: json.WriteBoolean(c.Name, c.Values[row]); break;
            case TimestampColumn c: json.WriteString(c.Name, new DateTime(c.Ticks[row], DateTimeKind.Utc)); break;
            case StringColumn c: json.WriteString(c.Name, c[row]); break;
        }
    }
}
