using System.Text.Json;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Scoring;

/// <summary>
/// An inference request of the Open Inference Protocol v2 as rows: one tensor for each column (shape [N] or [N,1]), or a single tensor [N,F] of all inputs where those are numbers. Data are flat or
/// nested as the shape says. Nothing here throws because of what a caller sent.
/// Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md.
/// </summary>
public ref struct TensorReader
{
    private const int MaxRank = 8;
    private const int MaxName = 240;

    private readonly ReadOnlySpan<byte> body;
    private readonly ReadOnlyMemory<byte> memory;
    private readonly ServedModel model;
    private readonly RowsText rows;
    private readonly TensorRequest request;
    private readonly IReadOnlyList<string> outputs;
    private readonly RequestLimits limits;
    private Utf8JsonReader json;
    private ReadOnlySpan<byte> subject;
    private ReadOnlySpan<byte> id;
    private long batch;
    private int input;

    private TensorReader(ReadOnlyMemory<byte> memory, ServedModel model, IReadOnlyList<string> outputs, TensorRequest request, RowsText rows, RequestLimits limits)
    {
        (this.memory, this.model, this.outputs, this.request, this.rows, this.limits) = (memory, model, outputs, request, rows, limits);
        body = memory.Span;
        json = new Utf8JsonReader(body);
        batch = -1;
    }

    /// <param name="body">The whole body, without a byte order mark.</param>
    /// <param name="outputs">Names of the outputs that the model has.</param>
    public static void Read(ReadOnlyMemory<byte> body, ServedModel model, IReadOnlyList<string> outputs, TensorRequest request, RowsText rows, RequestLimits limits)
    {
        rows.Begin(limits);
        request.Reset();
        var reader = new TensorReader(body, model, outputs, request, rows, limits);
        try
        {
            reader.Root();
        }
        catch (JsonException e)
        {
            rows.Fail("body", JsonWords.Explain(body.Span, e, """{"inputs":[{"name","shape","datatype","data"}]}"""));
        }
    }

    private void Root()
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            rows.Fail("body", $"expected an object {{\"inputs\":[{{...}}]}}, got {JsonWords.A(ref json)}");
            return;
        }

        var hasInputs = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonWords.Garbled(ref json)) Unreadable("body", "a field's name is not valid text (UTF-8)");
            else if (json.ValueTextEquals("inputs"u8))
            {
                if (hasInputs) rows.Fail("inputs", "given twice");
                hasInputs = true;
                json.Read();
                Inputs();
                if (rows.TooManyRows) return;
            }
            else if (json.ValueTextEquals("id"u8)) Id();
            else if (json.ValueTextEquals("parameters"u8)) Parameters();
            else if (json.ValueTextEquals("outputs"u8)) Outputs();
            else
            {
                // The protocol lets extensions add fields.
                json.Read();
                json.Skip();
            }

            if (rows.Enough) return;
        }

        json.Read();
        if (!hasInputs) rows.Fail("inputs", "missing: a request is {\"inputs\":[{\"name\",\"shape\",\"datatype\",\"data\"}]}");
        if (rows.Errors is null) Write();
    }

    private readonly void Write()
    {
        foreach (var slot in model.Inputs.Required)
        {
            if (!rows.Has(slot, default)) rows.Fail("inputs", $"required column '{model.Inputs.Columns[slot].Name}' is missing: send a tensor of that name");
        }

        if (rows.Errors is not null) return;
        rows.WriteRows(body, (int)batch);
        // The caller's name of the request is the key under which feedback may speak of it; of several rows each gets its own.
        if (id.IsEmpty) rows.Close(subject, default);
        else rows.CloseNamed(subject, id, (int)batch);
    }

    private void Id()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return;
        if (json.TokenType != JsonTokenType.String)
        {
            Skip("id", $"expected a string, got {JsonWords.A(ref json)}");
            return;
        }

        request.Id = JsonWords.Text(ref json);
        if (request.Id is null) rows.Fail("id", "is not valid text (UTF-8)");
        else if (request.Id.Length > MaxName) rows.Fail("id", $"has {request.Id.Length} characters; at most {MaxName} are kept");
        else if (request.Id.Length > 0) id = Token();
    }

    private void Parameters()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            Skip("parameters", $"expected an object, got {JsonWords.A(ref json)}");
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isSubject = !JsonWords.Garbled(ref json) && json.ValueTextEquals("subject"u8);
            json.Read();
            var start = (int)json.TokenStartIndex;
            json.Skip();
            if (isSubject) subject = body[start..(int)json.BytesConsumed];
        }
    }

    private void Outputs()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return;
        if (json.TokenType != JsonTokenType.StartArray)
        {
            Skip("outputs", $"expected an array of objects, got {JsonWords.A(ref json)}");
            return;
        }

        for (var i = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; i++)
        {
            if (rows.Enough) return;
            if (json.TokenType != JsonTokenType.StartObject)
            {
                Skip($"outputs[{i}]", $"expected an object, got {JsonWords.A(ref json)}");
                continue;
            }

            string? name = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isName = !JsonWords.Garbled(ref json) && json.ValueTextEquals("name"u8);
                json.Read();
                if (isName && json.TokenType == JsonTokenType.String) name = JsonWords.Text(ref json);
                else json.Skip();
            }

            if (name is null) rows.Fail($"outputs[{i}].name", "missing, or no string");
            else if (!outputs.Contains(name)) rows.Fail($"outputs[{i}].name", $"the model has no output '{Cut(name)}'.{Suggest.Hint(Cut(name), outputs)}");
            else if (!request.Want(name)) rows.Fail($"outputs[{i}].name", $"'{name}' is asked for twice");
        }
    }

    private void Inputs()
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            Skip("inputs", $"expected an array of tensors, got {JsonWords.A(ref json)}");
            return;
        }

        for (input = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; input++)
        {
            if (rows.Enough) return;
            if (json.TokenType == JsonTokenType.StartObject) Input();
            else Skip($"inputs[{input}]", $"expected an object, got {JsonWords.A(ref json)}");
            if (rows.TooManyRows) return;
        }

        if (input == 0) rows.Fail("inputs", "empty: send a tensor for each column");
    }

    private void Input()
    {
        var tensor = new Tensor();
        Span<long> shape = stackalloc long[MaxRank];
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonWords.Garbled(ref json)) Unreadable($"inputs[{input}]", "a field's name is not valid text (UTF-8)");
            else if (json.ValueTextEquals("name"u8)) Name(ref tensor);
            else if (json.ValueTextEquals("shape"u8)) Shape(ref tensor, shape);
            else if (json.ValueTextEquals("datatype"u8)) Datatype(ref tensor);
            else if (json.ValueTextEquals("parameters"u8)) InputParameters(ref tensor);
            else if (json.ValueTextEquals("data"u8))
            {
                if (tensor.Data.End > 0) Bad(ref tensor, "data", "given twice");
                json.Read();
                var start = (int)json.TokenStartIndex;
                // The usual order has the data last: then what they have to be is known already, and they are read as they go by.
                if (tensor.Complete && !tensor.Bad)
                {
                    tensor.Read = true;
                    var before = json;
                    Elements(ref json, ref tensor, shape[..tensor.Rank]);
                    if (rows.TooManyRows) return;
                    if (tensor.Bad)
                    {
                        json = before;
                        json.Skip();
                    }
                }
                else json.Skip();
                tensor.Data = (start, (int)json.BytesConsumed);
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }

        if (tensor.Data.End == 0 && !tensor.Binary) Bad(ref tensor, "data", "missing");
        if (tensor.Rank < 0) Bad(ref tensor, "shape", "missing: an array of whole numbers, the number of rows first, such as [3,1]");
        if (tensor.Datatype is null && !tensor.NoDatatype) Bad(ref tensor, "datatype", $"missing: one of {TensorDatatype.All}");
        if (tensor.Name.IsEmpty && !tensor.NoName) Bad(ref tensor, "name", "missing");
        if (tensor.Bad || rows.TooManyRows) return;
        if (!tensor.Read)
        {
            // Offsets are those of the body, so that the cells are found again.
            var (start, end) = tensor.Data;
            var data = new Utf8JsonReader(body[start..end]);
            data.Read();
            tensor.Offset = start;
            Elements(ref data, ref tensor, shape[..tensor.Rank]);
        }
    }

    private void Name(ref Tensor tensor)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String || JsonWords.Text(ref json) is not { } name)
        {
            tensor.NoName = true;
            Bad(ref tensor, "name", json.TokenType == JsonTokenType.String ? "is not valid text (UTF-8)" : $"expected a string, got {JsonWords.A(ref json)}");
            json.Skip();
            return;
        }

        tensor.Slot = model.Inputs.Find(ref json, input);
        tensor.Name = memory.Slice((int)json.TokenStartIndex, (int)(json.BytesConsumed - json.TokenStartIndex));
        tensor.Text = name;
    }

    private void Shape(ref Tensor tensor, scoped Span<long> shape)
    {
        json.Read();
        tensor.Rank = 0;
        if (json.TokenType != JsonTokenType.StartArray)
        {
            Bad(ref tensor, "shape", $"expected an array of whole numbers, got {JsonWords.A(ref json)}");
            json.Skip();
            return;
        }

        var elements = 1L;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (tensor.Rank == MaxRank)
            {
                Bad(ref tensor, "shape", $"has more than {MaxRank} dimensions");
                while (json.TokenType != JsonTokenType.EndArray)
                {
                    json.Skip();
                    json.Read();
                }

                return;
            }

            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var size) || size < 0)
            {
                if (!tensor.Bad) Bad(ref tensor, "shape", $"dimension {tensor.Rank}: expected a whole number from 0, got {(json.TokenType == JsonTokenType.Number ? "another" : JsonWords.A(ref json))}");
                json.Skip();
                size = 0;
            }

            shape[tensor.Rank++] = size;
            // Saturates: a product beyond all limits stays beyond them, and nothing overflows.
            elements = size != 0 && elements > long.MaxValue / size ? long.MaxValue : elements * size;
        }

        tensor.Rows = tensor.Rank == 0 ? 0 : shape[0];
        tensor.Elements = elements;
        tensor.Width = tensor.Rows == 0 ? 0 : elements / tensor.Rows;
        if (tensor.Rank == 0 && !tensor.Bad) Bad(ref tensor, "shape", "empty: the first dimension is the number of rows, as in [3,1]");
    }

    private void Datatype(ref Tensor tensor)
    {
        json.Read();
        var name = json.TokenType == JsonTokenType.String ? JsonWords.Name(ref json) : null;
        tensor.Datatype = name is null ? null : TensorDatatype.Known(name);
        if (tensor.Datatype is not null) return;
        tensor.NoDatatype = true;
        Bad(ref tensor, "datatype", name is null ? $"expected a string, got {JsonWords.A(ref json)}" : $"'{name}' is not known. Allowed: {TensorDatatype.All}.");
        json.Skip();
    }

    private void InputParameters(ref Tensor tensor)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            if (json.TokenType != JsonTokenType.Null) Bad(ref tensor, "parameters", $"expected an object, got {JsonWords.A(ref json)}");
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var garbled = JsonWords.Garbled(ref json);
            if (!garbled && json.ValueTextEquals("binary_data_size"u8))
            {
                tensor.Binary = true;
                Bad(ref tensor, "parameters.binary_data_size", "the binary tensor data extension is not offered here: send the elements as JSON in 'data' (tritonclient: set_data_from_numpy(..., binary_data=False))");
            }

            var isContent = !garbled && json.ValueTextEquals("content_type"u8);
            json.Read();
            if (isContent && json.TokenType == JsonTokenType.String && !JsonWords.Garbled(ref json) && json.ValueTextEquals("base64"u8))
            {
                Bad(ref tensor, "parameters.content_type", "base64 is not read here: send strings as they are (content type 'str')");
            }

            json.Skip();
        }
    }

    /// <summary>The elements as cells of one column, or of all inputs where the tensor holds them all.</summary>
    private void Elements(scoped ref Utf8JsonReader data, ref Tensor tensor, scoped ReadOnlySpan<long> shape)
    {
        if (!Accept(ref tensor)) return;
        var first = rows.Cells;
        if (!Walk(ref data, ref tensor, shape))
        {
            tensor.Bad = true;
            rows.Forget(first);
            return;
        }

        if (tensor.Slot != InputTable.Unknown)
        {
            rows.Add(tensor.Name, tensor.Slot, first, 1, tensor.Slot >= 0 && model.Inputs.Columns[tensor.Slot].Type == ColumnType.Boolean);
            return;
        }

        for (var slot = 0; slot < model.Inputs.Columns.Length; slot++)
        {
            rows.Add(model.Inputs.Quoted[slot], slot, first + slot, model.Inputs.Columns.Length, model.Inputs.Columns[slot].Type == ColumnType.Boolean);
        }
    }

    /// <summary>Whether the tensor is one that the model takes, before any of its elements is read.</summary>
    private bool Accept(ref Tensor tensor)
    {
        if (tensor.Rows > limits.MaxRows)
        {
            rows.TooManyRows = true;
            return false;
        }

        if (tensor.Rows == 0) return Refuse(ref tensor, "shape", "no rows: the first dimension is the number of rows, at least 1");
        if (batch >= 0 && tensor.Rows != batch) return Refuse(ref tensor, "shape", $"{tensor.Rows} rows, where the tensors before have {batch}: the first dimension is the same for all");
        var columns = model.Inputs.Columns;
        if (tensor.Slot == InputTable.Unknown)
        {
            // A single tensor of another name holds all inputs, in the model's order (numpy clients; content type "np").
            if (tensor.Width == 1 && columns.Length > 1 || input > 0 || rows.Columns.Count > 0)
            {
                return Refuse(ref tensor, "name", $"the model has no input '{Cut(tensor.Text!)}'.{model.Inputs.Hint(Cut(tensor.Text!))}");
            }

            if (tensor.Width != columns.Length)
            {
                return Refuse(ref tensor, "shape", $"{tensor.Width} values in each row, where the model has {columns.Length} inputs ({Names(columns)}). Send them all in that order, or a tensor for each");
            }

            foreach (var column in columns)
            {
                if (!TensorDatatype.Fits(tensor.Datatype!, column.Type))
                {
                    return Refuse(ref tensor, "datatype", $"one tensor for all inputs needs inputs of one kind, and '{column.Name}' takes {TensorDatatype.Of(column.Type)}, not {tensor.Datatype}. Send a tensor for each column");
                }
            }
        }
        else
        {
            if (tensor.Width != 1) return Refuse(ref tensor, "shape", $"'{tensor.Text}' has one value in each row: [{tensor.Rows},1], not {tensor.Width} in each");
            if (rows.Has(tensor.Slot, tensor.Name.Span)) return Refuse(ref tensor, "name", $"'{Cut(tensor.Text!)}' is given twice");
            if (tensor.Slot >= 0 && !TensorDatatype.Fits(tensor.Datatype!, columns[tensor.Slot].Type))
            {
                return Refuse(ref tensor, "datatype", $"'{tensor.Text}' takes {TensorDatatype.Of(columns[tensor.Slot].Type)}, not {tensor.Datatype}");
            }
        }

        batch = tensor.Rows;
        return true;
    }

    private bool Walk(scoped ref Utf8JsonReader data, ref Tensor tensor, scoped ReadOnlySpan<long> shape)
    {
        // MLServer's documentation has single values without their array.
        if (tensor.Elements == 1 && data.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            if (TensorDatatype.Wrong(ref data, tensor.Datatype!) is { } no) return Refuse(ref tensor, "data", no);
            Element(ref data, in tensor);
            return true;
        }

        if (data.TokenType != JsonTokenType.StartArray) return Refuse(ref tensor, "data", $"expected an array, got {JsonWords.A(ref data)}");
        Span<long> within = stackalloc long[MaxRank];
        within.Clear();
        var (depth, elements, nested, known) = (1, 0L, false, false);
        while (data.Read())
        {
            switch (data.TokenType)
            {
                case JsonTokenType.StartArray:
                    if (!known) (known, nested) = (true, true);
                    if (!nested || depth == shape.Length) return Refuse(ref tensor, "data", $"element {elements}: an array, where shape {Text(shape)} has a value");
                    within[depth++] = 0;
                    continue;
                case JsonTokenType.EndArray:
                    if (nested && within[depth - 1] != shape[depth - 1])
                    {
                        return Refuse(ref tensor, "data", $"before element {elements}: {within[depth - 1]} items, where shape {Text(shape)} says {shape[depth - 1]}");
                    }

                    if (--depth == 0)
                    {
                        return elements == tensor.Elements || Refuse(ref tensor, "data", $"{elements} elements, where shape {Text(shape)} makes {tensor.Elements}");
                    }

                    within[depth - 1]++;
                    continue;
                case JsonTokenType.StartObject:
                    return Refuse(ref tensor, $"data[{elements}]", "expected a value, got an object");
            }

            known = true;
            if (nested && depth != shape.Length) return Refuse(ref tensor, "data", $"element {elements}: a value, where shape {Text(shape)} has an array");
            if (elements == tensor.Elements) return Refuse(ref tensor, "data", $"more elements than the {tensor.Elements} of shape {Text(shape)}");
            if (TensorDatatype.Wrong(ref data, tensor.Datatype!) is { } wrong) return Refuse(ref tensor, $"data[{elements}]", wrong);
            Element(ref data, in tensor);
            elements++;
            within[depth - 1]++;
        }

        return Refuse(ref tensor, "data", "ends before its array does");
    }

    private readonly void Element(scoped ref Utf8JsonReader data, in Tensor tensor)
    {
        if (tensor.Datatype == "BOOL" && data.TokenType == JsonTokenType.Number) rows.Cell(data.GetInt32() == 1 ? RowsText.Word.True : RowsText.Word.False, 0);
        else rows.Cell(tensor.Offset + (int)data.TokenStartIndex, (int)(data.BytesConsumed - data.TokenStartIndex));
    }

    private readonly bool Refuse(ref Tensor tensor, string field, string message)
    {
        Bad(ref tensor, field, message);
        return false;
    }

    private readonly void Bad(ref Tensor tensor, string field, string message)
    {
        tensor.Bad = true;
        rows.Fail($"inputs[{input}].{field}", message);
    }

    private void Skip(string field, string message)
    {
        rows.Fail(field, message);
        json.Skip();
    }

    private void Unreadable(string field, string message)
    {
        rows.Fail(field, message);
        json.Read();
        json.Skip();
    }

    private readonly ReadOnlySpan<byte> Token() => body[(int)json.TokenStartIndex..(int)json.BytesConsumed];

    private static string Cut(string name) => name.Length > 60 ? name[..60] + "..." : name;

    private static string Names(RawColumn[] columns) => string.Join(", ", columns.Select(c => c.Name));

    private static string Text(scoped ReadOnlySpan<long> shape) => $"[{string.Join(",", shape.ToArray())}]";

    private struct Tensor
    {
        public Tensor() => (Rank, Slot) = (-1, InputTable.Unknown);

        public ReadOnlyMemory<byte> Name;
        public string? Text;
        public string? Datatype;
        public int Slot;
        public int Rank;
        public long Rows;
        public long Width;
        public long Elements;
        public int Offset;
        public (int Start, int End) Data;
        public bool Bad;
        public bool Binary;
        public bool NoName;
        public bool NoDatatype;
        public bool Read;

        public readonly bool Complete => Rank >= 0 && Datatype is not null && !Name.IsEmpty;
    }
}
