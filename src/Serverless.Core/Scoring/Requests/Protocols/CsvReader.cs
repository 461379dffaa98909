using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>
/// A CSV (RFC 4180, with a header) as rows. A field that is empty and not in quotes is missing; so is <c>NaN</c>, <c>NA</c> or <c>null</c> in a column of numbers, times or truths, as pandas writes and
/// reads them. A column without a name is pandas' index, and is left out. Nothing here throws because of what a caller sent.
/// </summary>
public ref struct CsvReader
{
    private readonly ReadOnlySpan<char> text;
    private readonly ServedModel model;
    private readonly RowsText rows;
    private readonly RequestLimits limits;
    private readonly List<int> slots;
    private readonly List<string> names;
    private int at;
    private int line;

    private CsvReader(ReadOnlySpan<char> text, ServedModel model, RowsText rows, RequestLimits limits)
    {
        (this.model, this.rows, this.limits, slots, names, line) = (model, rows, limits, [], [], 1);
        this.text = text;
    }

    /// <param name="text">The whole file, without a byte order mark.</param>
    public static void Read(ReadOnlySpan<char> text, ServedModel model, RowsText rows, RequestLimits limits)
    {
        rows.Begin(limits);
        var reader = new CsvReader(text, model, rows, limits);
        if (reader.Header()) reader.Rows();
    }

    private const int Ignored = -3;

    private bool Header()
    {
        Blank();
        if (at == text.Length)
        {
            rows.Fail("body", "empty: expected a CSV whose first line names the columns");
            return false;
        }

        var buffer = new ArrayBufferWriter<char>();
        bool more;
        do
        {
            if (Field(buffer, out more, out _) is { } wrong)
            {
                rows.Fail("body", wrong);
                return false;
            }

            var name = buffer.WrittenSpan.Trim().ToString();
            var slot = name.Length == 0 ? Ignored : model.Inputs.Find(name);
            if (slot == InputTable.Unknown) rows.Fail(Cut(name), $"unknown column.{model.Inputs.Hint(Cut(name))}");
            else if (slot != Ignored && names.Contains(name)) rows.Fail(Cut(name), "given twice in the header");
            slots.Add(slot);
            names.Add(name);
            if (rows.Enough) return false;
        }
        while (more);
        foreach (var slot in model.Inputs.Required) if (!slots.Contains(slot)) rows.Fail(model.Inputs.Columns[slot].Name, "required, but the header does not name it");
        return rows.Errors is null;
    }

    private void Rows()
    {
        var buffer = new ArrayBufferWriter<char>();
        using var json = new Utf8JsonWriter(rows.Writer, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteStartArray("rows"u8);
        var row = 0;
        for (Blank(); at < text.Length; Blank(), row++)
        {
            if (row == limits.MaxRows)
            {
                rows.TooManyRows = true;
                break;
            }

            var (start, column) = (line, 0);
            json.WriteStartObject();
            bool more;
            do
            {
                if (Field(buffer, out more, out var quoted) is { } wrong)
                {
                    rows.Fail($"rows[{row}]", wrong);
                    json.Flush();
                    return;
                }

                if (column < slots.Count) Write(json, column, buffer.WrittenSpan, quoted);
                column++;
            }
            while (more);
            json.WriteEndObject();
            if (column != slots.Count) rows.Fail($"rows[{row}]", $"line {start}: {column} fields, where the header has {slots.Count}");
            if (rows.Enough) break;
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    private readonly void Write(Utf8JsonWriter json, int column, ReadOnlySpan<char> value, bool quoted)
    {
        var slot = slots[column];
        if (slot == Ignored) return;
        json.WritePropertyName(names[column]);
        var type = slot >= 0 ? model.Inputs.Columns[slot].Type : ColumnType.String;
        var trimmed = type == ColumnType.String ? value : value.Trim();
        if (trimmed.IsEmpty && !quoted || type != ColumnType.String && Missing(trimmed)) json.WriteNullValue();
        else if (type == ColumnType.Boolean && Truth(trimmed) is { } truth) json.WriteBooleanValue(truth);
        else if (type is ColumnType.Integer or ColumnType.Number && long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) json.WriteNumberValue(whole);
        else if (type is ColumnType.Integer or ColumnType.Number && double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) json.WriteNumberValue(number);
        else json.WriteStringValue(trimmed);
    }

    private static bool Missing(ReadOnlySpan<char> value) => value is "" or "NaN" or "nan" or "NA" or "N/A" or "null" or "NULL" or "None" or "NaT";

    private static bool? Truth(ReadOnlySpan<char> value) => value switch
    {
        "true" or "True" or "TRUE" or "1" => true,
        "false" or "False" or "FALSE" or "0" => false,
        _ => null,
    };

    private void Blank()
    {
        while (at < text.Length && text[at] is '\n' or '\r')
        {
            if (text[at] == '\n') line++;
            at++;
        }
    }

    /// <summary>The next field, without its quotes; null when all is well.</summary>
    /// <param name="more">Another field of the same row follows.</param>
    private string? Field(ArrayBufferWriter<char> value, out bool more, out bool quoted)
    {
        value.ResetWrittenCount();
        quoted = at < text.Length && text[at] == '"';
        var start = line;
        if (quoted)
        {
            at++;
            while (true)
            {
                var end = at < text.Length ? text[at..].IndexOf('"') : -1;
                if (end < 0)
                {
                    more = false;
                    at = text.Length;
                    return $"line {start}: a quote that is never closed";
                }

                var piece = text.Slice(at, end);
                value.Write(piece);
                line += piece.Count('\n');
                at += end + 1;
                if (at == text.Length || text[at] != '"') break;
                value.Write("\"");
                at++;
            }
        }

        var rest = text[at..];
        var stop = rest.IndexOfAny(',', '\n', '\r');
        if (stop < 0) stop = rest.Length;
        if (quoted && stop > 0 && !rest[..stop].IsWhiteSpace())
        {
            more = false;
            return $"line {line}: text after a closing quote; a quote inside a field is written twice";
        }

        if (!quoted) value.Write(rest[..stop]);
        at += stop;
        more = at < text.Length && text[at] == ',';
        if (more) at++;
        return null;
    }

    private static string Cut(string name) => name.Length > 60 ? name[..60] + "..." : name;
}
