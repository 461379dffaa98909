using System.Text;
using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>
/// A scoring request of MLflow as rows: <c>dataframe_split</c>, <c>dataframe_records</c>, <c>instances</c> or <c>inputs</c>, with <c>params</c> beside them. Values without names stand in the order of
/// the model's inputs. Nothing here throws because of what a caller sent.
/// Source: mlflow/pyfunc/scoring_server, and TensorFlow Serving's row and column formats.
/// </summary>
public ref struct InvocationReader
{
    private const string Expected = """{"dataframe_split":{"columns":[...],"data":[[...]]}} (or "dataframe_records", "instances", "inputs")""";
    private const int MaxName = 240;

    private readonly ReadOnlySpan<byte> body;
    private readonly ServedModel model;
    private readonly RowsText rows;
    private readonly InvocationRequest request;
    private readonly RequestLimits limits;
    private Utf8JsonReader json;
    private (int Start, int End) columnNames;
    private (int Start, int End) data;
    private ReadOnlySpan<byte> subject;
    private ReadOnlySpan<byte> keys;
    private ReadOnlySpan<byte> name;

    private InvocationReader(ReadOnlySpan<byte> body, ServedModel model, InvocationRequest request, RowsText rows, RequestLimits limits)
    {
        (this.model, this.request, this.rows, this.limits) = (model, request, rows, limits);
        this.body = body;
        json = new Utf8JsonReader(body);
    }

    /// <param name="body">The whole body, without a byte order mark.</param>
    public static void Read(ReadOnlySpan<byte> body, ServedModel model, InvocationRequest request, RowsText rows, RequestLimits limits)
    {
        rows.Begin(limits);
        request.Begin();
        try
        {
            new InvocationReader(body, model, request, rows, limits).Root();
        }
        catch (JsonException) when (BareNumbers.Contains(body))
        {
            // Python's json module writes NaN where a value is missing, and MLflow's clients send it so.
            Read(BareNumbers.AsNull(body), model, request, rows, limits);
        }
        catch (JsonException e)
        {
            rows.Fail("body", JsonWords.Explain(body, e, Expected));
        }
    }

    private void Root()
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            rows.Fail("body", $"expected an object {Expected}, got {JsonWords.A(ref json)}");
            return;
        }

        string? form = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = JsonWords.Text(ref json);
            json.Read();
            switch (field)
            {
                case "dataframe_split" or "dataframe_records" or "instances" or "inputs":
                    if (form is not null) rows.Fail(field, $"given beside '{form}': a request has exactly one of dataframe_split, dataframe_records, instances and inputs");
                    form = field;
                    if (field == "dataframe_split") Split();
                    else data = Span();
                    break;
                case "params":
                    Params();
                    break;
                case "client_request_id" when json.TokenType != JsonTokenType.Null:
                    if (json.TokenType != JsonTokenType.String || JsonWords.Text(ref json) is not { Length: <= MaxName } id) rows.Fail(field, $"expected a string of at most {MaxName} characters");
                    else if (id.Length > 0) name = body[(int)json.TokenStartIndex..(int)json.BytesConsumed];
                    json.Skip();
                    break;
                default:
                    // As MLflow's own server: what else stands there is for others.
                    json.Skip();
                    break;
            }

            if (rows.Enough) return;
        }

        json.Read();
        if (form is null) rows.Fail("body", $"has none of dataframe_split, dataframe_records, instances and inputs: expected {Expected}");
        if (rows.Errors is not null) return;
        rows.Origin = form == "dataframe_split" ? "dataframe_split.data" : form!;
        var count = form switch
        {
            "dataframe_split" => SplitRows(),
            "dataframe_records" => Records(),
            _ => Free(form!),
        };
        if (rows.Errors is not null || rows.TooManyRows) return;
        if (name.IsEmpty || !keys.IsEmpty) rows.Close(subject, keys);
        else rows.CloseNamed(subject, name, count);
    }

    private void Split()
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            rows.Fail("dataframe_split", $"expected an object {{\"columns\":[...],\"data\":[[...]]}}, got {JsonWords.A(ref json)}");
            json.Skip();
            return;
        }

        (columnNames, data) = (default, default);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = JsonWords.Text(ref json);
            json.Read();
            if (field == "columns" && json.TokenType != JsonTokenType.Null) columnNames = Span();
            else if (field == "data") data = Span();
            else json.Skip();
        }

        if (data.End == 0) rows.Fail("dataframe_split.data", "missing: a list of rows, each a list of values");
    }

    private void Params()
    {
        if (json.TokenType == JsonTokenType.Null) return;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            rows.Fail("params", $"expected an object, got {JsonWords.A(ref json)}");
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = JsonWords.Text(ref json);
            json.Read();
            if (field == "subject") subject = Raw();
            else if (field == "keys") keys = Raw();
            else if (field == "predict_method")
            {
                var method = json.TokenType == JsonTokenType.String ? JsonWords.Name(ref json) : null;
                request.Probabilities = method == "predict_proba";
                if (method == "predict_proba" && model.Schema.Classes.Count == 0) rows.Fail("params.predict_method", "this model has no classes, so 'predict' is its only method");
                else if (method is not ("predict" or "predict_proba")) rows.Fail("params.predict_method", $"'{method}' is not known. Allowed: predict, predict_proba.");
                json.Skip();
            }
            else json.Skip();
        }
    }

    /// <summary>Objects go to the row's reader as they are.</summary>
    private int Records()
    {
        var records = At(data);
        if (records.TokenType != JsonTokenType.StartArray)
        {
            rows.Fail(rows.Origin, $"expected a list of objects, one for each row, got {JsonWords.A(ref records)}");
            return 0;
        }

        var count = 0;
        if (!name.IsEmpty)
        {
            while (records.Read() && records.TokenType != JsonTokenType.EndArray && count <= limits.MaxRows)
            {
                records.Skip();
                count++;
            }
        }

        rows.Append("{\"rows\":"u8);
        rows.Append(body[data.Start..data.End]);
        return Math.Min(count, limits.MaxRows);
    }

    private int SplitRows()
    {
        var order = new List<(int Slot, ReadOnlyMemory<byte> Name)>();
        if (columnNames.End == 0)
        {
            Positions(order);
            return Rows(order, At(data));
        }

        var names = At(columnNames);
        if (names.TokenType != JsonTokenType.StartArray) rows.Fail("dataframe_split.columns", $"expected a list of names, got {JsonWords.A(ref names)}");
        else while (names.Read() && names.TokenType != JsonTokenType.EndArray && !rows.Enough) Name(order, ref names, $"dataframe_split.columns[{order.Count}]");
        return rows.Errors is null ? Rows(order, At(data)) : 0;
    }

    private readonly void Name(List<(int Slot, ReadOnlyMemory<byte> Name)> order, ref Utf8JsonReader names, string field)
    {
        if (names.TokenType != JsonTokenType.String || JsonWords.Text(ref names) is not { } text)
        {
            rows.Fail(field, names.TokenType == JsonTokenType.String ? "is not valid text (UTF-8)" : $"expected a name, got {JsonWords.A(ref names)}");
            names.Skip();
            order.Add((InputTable.Unused, default));
            return;
        }

        Add(order, text, field);
    }

    private readonly void Add(List<(int Slot, ReadOnlyMemory<byte> Name)> order, string text, string field)
    {
        var slot = model.Inputs.Find(text);
        var quoted = slot >= 0 ? model.Inputs.Quoted[slot] : JsonSerializer.SerializeToUtf8Bytes(text);
        if (slot == InputTable.Unknown) rows.Fail(field, $"unknown column.{model.Inputs.Hint(Cut(text))}");
        else if (order.Any(o => o.Name.Span.SequenceEqual(quoted.Span))) rows.Fail(field, $"'{Cut(text)}' is given twice");
        order.Add((slot, quoted));
    }

    private readonly void Positions(List<(int Slot, ReadOnlyMemory<byte> Name)> order)
    {
        for (var slot = 0; slot < model.Inputs.Columns.Length; slot++) order.Add((slot, model.Inputs.Quoted[slot]));
    }

    /// <summary>A list of lists, or for a model of one input of values.</summary>
    private readonly int Rows(List<(int Slot, ReadOnlyMemory<byte> Name)> order, Utf8JsonReader list)
    {
        if (list.TokenType != JsonTokenType.StartArray)
        {
            rows.Fail(rows.Origin, $"expected a list of rows, got {JsonWords.A(ref list)}");
            return 0;
        }

        rows.Append("{\"rows\":["u8);
        var row = 0;
        for (; list.Read() && list.TokenType != JsonTokenType.EndArray; row++)
        {
            if (row == limits.MaxRows)
            {
                rows.TooManyRows = true;
                return row;
            }

            if (rows.Enough) return row;
            if (row > 0) rows.Append(","u8);
            rows.Append("{"u8);
            if (list.TokenType == JsonTokenType.StartArray) Row(order, ref list, row);
            else if (order.Count == 1 && list.TokenType != JsonTokenType.StartObject) Value(order, 0, ref list);
            else
            {
                rows.Fail($"{rows.Origin}[{row}]", $"expected a list of {order.Count} values ({Names(order)}), got {JsonWords.A(ref list)}");
                list.Skip();
            }

            rows.Append("}"u8);
        }

        rows.Append("]"u8);
        return row;
    }

    private readonly void Row(List<(int Slot, ReadOnlyMemory<byte> Name)> order, ref Utf8JsonReader list, int row)
    {
        var values = 0;
        for (; list.Read() && list.TokenType != JsonTokenType.EndArray; values++)
        {
            if (values < order.Count) Value(order, values, ref list);
            else list.Skip();
        }

        if (values != order.Count) rows.Fail($"{rows.Origin}[{row}]", $"{values} values, where there are {order.Count} columns ({Names(order)})");
    }

    private readonly void Value(List<(int Slot, ReadOnlyMemory<byte> Name)> order, int index, ref Utf8JsonReader list)
    {
        var start = (int)list.TokenStartIndex;
        list.Skip();
        if (index > 0) rows.Append(","u8);
        rows.Append(order[index].Name.Span);
        rows.Append(":"u8);
        rows.Append(body.Slice(data.Start + start, (int)list.BytesConsumed - start));
    }

    /// <summary><c>instances</c> and <c>inputs</c>: what stands there says which form it is.</summary>
    private int Free(string form)
    {
        var value = At(data);
        if (value.TokenType == JsonTokenType.StartObject && form == "inputs") return Columns(value);
        if (value.TokenType != JsonTokenType.StartArray)
        {
            rows.Fail(form, $"expected {(form == "inputs" ? "an object of columns, or a list of rows" : "a list of rows")}, got {JsonWords.A(ref value)}");
            return 0;
        }

        var first = value;
        first.Read();
        if (first.TokenType == JsonTokenType.StartObject) return Records();
        var order = new List<(int Slot, ReadOnlyMemory<byte> Name)>();
        Positions(order);
        return Rows(order, value);
    }

    /// <summary><c>{"distance":[404,733],"origin":["ATL","ORD"]}</c>; a value alone is a list of one.</summary>
    private readonly int Columns(Utf8JsonReader list)
    {
        var order = new List<(int Slot, ReadOnlyMemory<byte> Name)>();
        var count = -1;
        while (list.Read() && list.TokenType == JsonTokenType.PropertyName && !rows.Enough)
        {
            var text = JsonWords.Text(ref list);
            var field = $"inputs.{Cut(text ?? "?")}";
            var before = order.Count;
            if (text is null) rows.Fail(field, "the column's name is not valid text (UTF-8)");
            else Add(order, text, field);
            list.Read();
            var first = rows.Cells;
            if (list.TokenType == JsonTokenType.StartArray)
            {
                while (list.Read() && list.TokenType != JsonTokenType.EndArray)
                {
                    if (rows.Cells - first >= limits.MaxRows)
                    {
                        rows.TooManyRows = true;
                        return 0;
                    }

                    Cell(ref list, field, rows.Cells - first);
                    if (rows.Enough) return 0;
                }
            }
            else Cell(ref list, field, 0);

            var these = rows.Cells - first;
            if (count >= 0 && these != count) rows.Fail(field, $"{these} values, where the columns before have {count}");
            count = count < 0 ? these : count;
            if (order.Count > before) rows.Add(order[before].Name, order[before].Slot, first, 1, order[before].Slot >= 0 && model.Inputs.Columns[order[before].Slot].Type == ColumnType.Boolean);
        }

        if (rows.Errors is not null) return 0;
        rows.WriteRows(body, Math.Max(count, 0));
        return count;
    }

    // A list of one value, as a column of shape [N,1] is written, is that value.
    private readonly void Cell(ref Utf8JsonReader list, string field, int row)
    {
        var depth = 0;
        while (list.TokenType == JsonTokenType.StartArray)
        {
            depth++;
            list.Read();
        }

        if (depth > 1 || list.TokenType is JsonTokenType.StartObject or JsonTokenType.EndArray) rows.Fail($"{field}[{row}]", "expected one value");
        var start = (int)list.TokenStartIndex;
        if (list.TokenType == JsonTokenType.StartObject) list.Skip();
        rows.Cell(data.Start + start, (int)list.BytesConsumed - start);
        if (list.TokenType == JsonTokenType.EndArray) depth--;
        for (var more = false; depth > 0;)
        {
            list.Read();
            if (list.TokenType == JsonTokenType.EndArray) depth--;
            else
            {
                if (!more) rows.Fail($"{field}[{row}]", "expected one value, got several");
                more = true;
                list.Skip();
            }
        }
    }

    private (int Start, int End) Span()
    {
        var start = (int)json.TokenStartIndex;
        json.Skip();
        return (start, (int)json.BytesConsumed);
    }

    private ReadOnlySpan<byte> Raw()
    {
        var (start, end) = Span();
        return body[start..end];
    }

    private readonly Utf8JsonReader At((int Start, int End) place)
    {
        var reader = new Utf8JsonReader(body[place.Start..place.End]);
        reader.Read();
        return reader;
    }

    private static string Cut(string text) => text.Length > 60 ? text[..60] + "..." : text;

    private static string Names(List<(int Slot, ReadOnlyMemory<byte> Name)> order) => string.Join(", ", order.Select(o => Cut(Encoding.UTF8.GetString(o.Name.Span).Trim('"'))));
}
