using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>
/// What was looked up for the rows of a request, as JSON in the form of a row: with it a prediction can be made again although the online tables have moved on. A value that was looked for and not
/// found stands there as null.
/// </summary>
internal sealed class LookedUpValues
{
    private readonly ArrayBufferWriter<byte> text = new(256);
    private readonly List<(int Start, int Length)> rows = [];
    private readonly Utf8JsonWriter json;

    public LookedUpValues() => json = new Utf8JsonWriter(text, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public ReadOnlySpan<byte> Of(int row) => row < rows.Count ? text.WrittenSpan.Slice(rows[row].Start, rows[row].Length) : default;

    public void Clear()
    {
        text.ResetWrittenCount();
        rows.Clear();
    }

    /// <summary>Notes every value of the row that the caller did not give.</summary>
    /// <param name="missed">Columns that hold a fallback, or nothing, because their source gave no value; stands as <c>_fallback</c>, which is no column.</param>
    public void Add(int row, Scratch scratch, ServedModel model, IReadOnlyList<string>? missed = null)
    {
        var start = text.WrittenCount;
        json.Reset(text);
        json.WriteStartObject();
        var any = false;
        for (var slot = 0; slot < model.Inputs.Columns.Length; slot++)
        {
            var column = model.Inputs.Columns[slot];
            if (scratch.Seen[slot] || (column.Lookup is null && !scratch.Row.Present[slot])) continue;
            any = true;
            json.WritePropertyName(column.Name);
            Write(column.Type, slot, scratch.Row);
        }

        if (missed is not null)
        {
            any = true;
            json.WriteStartArray("_fallback"u8);
            foreach (var name in missed) json.WriteStringValue(name);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        while (rows.Count < row) rows.Add(default);
        rows.Add(any ? (start, text.WrittenCount - start) : default);
    }

    private void Write(ColumnType type, int slot, RawRow row)
    {
        if (!row.Present[slot] || (type == ColumnType.Number && !double.IsFinite(row.Numbers[slot])))
        {
            json.WriteNullValue();
            return;
        }

        switch (type)
        {
            case ColumnType.Integer: json.WriteNumberValue(row.Ticks[slot]); break;
            case ColumnType.Number: json.WriteNumberValue(row.Numbers[slot]); break;
            case ColumnType.Boolean: json.WriteBooleanValue(row.Numbers[slot] != 0); break;
            case ColumnType.Timestamp: json.WriteStringValue(new DateTime(row.Ticks[slot], DateTimeKind.Utc)); break;
            default: json.WriteStringValue(row.Texts[slot]); break;
        }
    }
}
