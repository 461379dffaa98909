using System.Text.Json;
using Serverless.Problems;

namespace Serverless.Scoring;

/// <summary>
/// Reads <c>{"rows":[{...}],"subject"?:"...","keys"?:["..."],"groups"?:["..."],"explain"?:true,"language"?:"fr"}</c> straight from UTF-8 and scores each row as it goes by: no object is built for a row.
/// Bad input is collected in <see cref="PredictionRequest.Errors"/>, field by field; nothing here throws because of what a caller sent.
/// </summary>
public ref struct RequestReader
{
    private static readonly string[] Fields = ["rows", "subject", "keys", "groups", "explain", "language"];

    private readonly ServedModel whole;
    private ServedModel model;
    private Scratch scratch;
    private readonly PredictionRequest request;
    private readonly RequestLimits limits;
    private Utf8JsonReader json;
    private int row;
    private int slot;
    private bool inRow;

    private RequestReader(ReadOnlySpan<byte> body, ServedModel model, Scratch scratch, PredictionRequest request, RequestLimits limits)
    {
        whole = model;
        (this.model, this.scratch, this.request, this.limits) = (model, scratch, request, limits);
        json = new Utf8JsonReader(body);
        (row, slot) = (-1, -1);
    }

    /// <param name="body">The whole body, without a byte order mark.</param>
    public static void Read(ReadOnlySpan<byte> body, ServedModel model, PredictionRequest request, RequestLimits limits)
    {
        request.Reset(model.Schema.Outputs);
        var scratch = model.Rent();
        var reader = new RequestReader(body, model, scratch, request, limits);
        try
        {
            reader.Root();
        }
        catch (JsonException e)
        {
            reader.NotJson(body, e);
        }

        reader.model.Return(reader.scratch);
    }

    /// <summary>Reads a row again that was found good.</summary>
    /// <param name="sent">As <see cref="PredictionRequest.Sent"/> gives it.</param>
    /// <param name="lookedUp">As <see cref="PredictionRequest.LookedUp"/> gives it.</param>
    public static void ReadRow(ReadOnlySpan<byte> sent, ReadOnlySpan<byte> lookedUp, ServedModel model, Datasets.RawRow row)
    {
        row.Clear();
        Fill(sent, model, row);
        if (!lookedUp.IsEmpty) Fill(lookedUp, model, row);
    }

    private static void Fill(ReadOnlySpan<byte> sent, ServedModel model, Datasets.RawRow row)
    {
        var json = new Utf8JsonReader(sent);
        json.Read();
        for (var guess = 0; json.Read() && json.TokenType == JsonTokenType.PropertyName;)
        {
            var slot = model.Inputs.Find(ref json, guess);
            json.Read();
            if (slot < 0) json.Skip();
            else JsonValues.Read(ref json, model.Inputs.Columns[slot], slot, row);
            guess = slot + 1;
        }
    }

    // A list that nobody reads to its end: the rest of the body is not looked at.
    private readonly bool Enough => request.Errors is { } errors && errors.Count >= limits.MaxErrors;

    private void Root()
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            request.Fail("body", $"expected an object {{\"rows\":[{{...}}]}}, got {JsonWords.A(ref json)}", limits);
            return;
        }

        var hasRows = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonWords.Garbled(ref json))
            {
                request.Fail("body", "a field's name is not valid text (UTF-8)", limits);
                json.Read();
                json.Skip();
            }
            else if (json.ValueTextEquals("rows"u8))
            {
                if (hasRows) request.Fail("rows", "given twice", limits);
                hasRows = true;
                json.Read();
                Rows();
                if (request.TooManyRows || Enough) return;
            }
            else if (json.ValueTextEquals("subject"u8)) Subject();
            else if (json.ValueTextEquals("keys"u8)) Keys();
            else if (json.ValueTextEquals("explain"u8)) Explain();
            else if (json.ValueTextEquals("groups"u8)) Groups();
            else if (json.ValueTextEquals("language"u8)) Language();
            else UnknownField();
            if (Enough) return;
        }

        // Trailing bytes after the object are an error of form, which the reader itself reports.
        json.Read();
        if (hasRows && request.Keys is { } keys && keys.Count != request.Count && request.Errors is null) request.Fail("keys", $"{keys.Count} keys for {request.Count} rows: one for each, in their order", limits);
        if (!hasRows) request.Fail("rows", "missing: a request is {\"rows\":[{\"column\":value,...}]}", limits);
    }

    private void Rows()
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            request.Fail("rows", $"expected an array of objects, got {JsonWords.A(ref json)}", limits);
            json.Skip();
            return;
        }

        row = 0;
        for (; json.Read() && json.TokenType != JsonTokenType.EndArray; row++)
        {
            if (Enough) return;
            if (row >= limits.MaxRows)
            {
                request.TooManyRows = true;
                return;
            }

            if (json.TokenType == JsonTokenType.StartObject) Row();
            else
            {
                request.Fail($"rows[{row}]", $"expected an object, got {JsonWords.A(ref json)}", limits);
                json.Skip();
            }
        }

        if (row == 0) request.Fail("rows", "empty: send at least one row", limits);
        row = -1;
    }

    private void Row()
    {
        var start = (int)json.TokenStartIndex;
        if (whole.Segments is { } segments) Choose(segments);
        scratch.Begin();
        inRow = true;
        var good = true;
        var guess = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            slot = JsonWords.Garbled(ref json) ? InputTable.Unknown : model.Inputs.Find(ref json, guess);
            if (slot == InputTable.Unknown)
            {
                if (Enough) return;
                var name = JsonWords.Name(ref json);
                request.Fail($"rows[{row}].{name ?? "?"}", name is null ? "the column's name is not valid text (UTF-8)" : $"unknown column.{model.Inputs.Hint(name)}", limits);
                good = false;
            }

            if (slot < 0)
            {
                json.Read();
                json.Skip();
                continue;
            }

            guess = slot + 1;
            if (scratch.Seen[slot])
            {
                Fail("given twice");
                good = false;
            }

            scratch.Seen[slot] = true;
            json.Read();
            if (JsonValues.Read(ref json, model.Inputs.Columns[slot], slot, scratch.Row) is { } error)
            {
                Fail(error);
                json.Skip();
                good = false;
            }

            slot = -1;
        }

        inRow = false;

        var missed = model.Enrichment is { } enrichment && good ? enrichment.Fill(scratch) : null;
        foreach (var required in model.Inputs.Required)
        {
            // Present though not sent: it was looked up.
            if (scratch.Seen[required] || scratch.Row.Present[required]) continue;
            slot = required;
            Fail("required, but missing");
            good = false;
        }

        slot = -1;
        var outputs = request.Add(start, (int)json.BytesConsumed - start);
        if (whole.Segments is not null) request.NoteSegment(model);
        if (!good || request.Errors is not null) return;
        if (model.Complete(scratch)) request.NoteLookedUp(scratch, model, missed);
        model.Pipeline.Score(scratch.Row, scratch.Features, outputs);
        if (model.Outliers is { } usual) request.NoteOutlier(usual.Judge(scratch.Row, scratch.Features));
        if (AnswerShape.Finite(outputs)) return;
        request.NotFinite = true;
        request.Fail($"rows[{row}]", "the model has no finite answer for these values; are they in the units of the contract?", limits);
    }

    private void Choose(Segments.SegmentRouter segments)
    {
        var chosen = segments.Choose(json, whole);
        if (ReferenceEquals(chosen, model)) return;
        model.Return(scratch);
        (model, scratch) = (chosen, chosen.Rent());
    }

    private readonly void Fail(string message) => request.Fail($"rows[{row}].{model.Inputs.Columns[slot].Name}", message, limits);

    private void Subject()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return;
        if (json.TokenType == JsonTokenType.String)
        {
            request.Subject = JsonWords.Text(ref json);
            if (request.Subject is null) request.Fail("subject", "is not valid text (UTF-8)", limits);
            else if (request.Subject.Length > limits.MaxSubject) request.Fail("subject", $"expected at most {limits.MaxSubject} characters, got {request.Subject.Length}", limits);
            return;
        }

        request.Fail("subject", $"expected a string, got {JsonWords.A(ref json)}", limits);
        json.Skip();
    }

    private void Keys()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return;
        if (json.TokenType != JsonTokenType.StartArray)
        {
            request.Fail("keys", $"expected an array of strings, one for each row, got {JsonWords.A(ref json)}", limits);
            json.Skip();
            return;
        }

        var keys = new List<string?>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (Enough || keys.Count > limits.MaxRows) return;
            var key = json.TokenType == JsonTokenType.String ? JsonWords.Text(ref json) : null;
            if (json.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) request.Fail($"keys[{keys.Count}]", $"expected a string, got {JsonWords.A(ref json)}", limits);
            else if (key is null && json.TokenType == JsonTokenType.String) request.Fail($"keys[{keys.Count}]", "is not valid text (UTF-8)", limits);
            else if (key?.Length > limits.MaxSubject) request.Fail($"keys[{keys.Count}]", $"expected at most {limits.MaxSubject} characters, got {key.Length}", limits);
            json.Skip();
            keys.Add(key);
        }

        request.Keys = keys;
    }

    private void Explain()
    {
        json.Read();
        request.Explain = json.TokenType == JsonTokenType.True;
        if (json.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null) return;
        request.Fail("explain", $"expected true or false, got {JsonWords.A(ref json)}", limits);
        json.Skip();
    }

    private void Groups()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return;
        var groups = new List<string>();
        if (json.TokenType == JsonTokenType.StartArray)
        {
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                if (json.TokenType == JsonTokenType.String && JsonWords.Text(ref json) is { Length: > 0 } group && group.Length <= limits.MaxSubject && groups.Count < limits.MaxGroups) groups.Add(group);
                else
                {
                    if (!Enough) request.Fail("groups", $"expected at most {limits.MaxGroups} texts of at most {limits.MaxSubject} characters", limits);
                    json.Skip();
                }
            }

            request.Groups = groups;
            return;
        }

        request.Fail("groups", $"expected an array of strings, got {JsonWords.A(ref json)}", limits);
        json.Skip();
    }

    private void Language()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return;
        if (json.TokenType == JsonTokenType.String && JsonWords.Text(ref json) is { Length: > 0 and <= 35 } language)
        {
            request.Language = language.ToLowerInvariant();
            return;
        }

        request.Fail("language", "expected the code of a language, such as \"en\" or \"fr\"", limits);
        json.Skip();
    }

    private void UnknownField()
    {
        var name = JsonWords.Name(ref json) ?? "?";
        var column = model.Inputs.Find(ref json, 0) != InputTable.Unknown;
        // An error needs a place to stand.
        request.Fail(name.Length == 0 ? "body" : name, name.Length == 0 ? $"a field without a name. Known: {string.Join(", ", Fields.Order(StringComparer.Ordinal))}." : column
            ? "is a column: columns belong into a row, {\"rows\":[{\"" + name + "\":...}]}"
            : $"unknown field.{Suggest.Hint(name, Fields)}", limits);
        json.Read();
        json.Skip();
    }

    private readonly void NotJson(ReadOnlySpan<byte> body, JsonException e)
    {
        var field = row < 0 ? "body" : !inRow ? "rows" : slot >= 0 ? $"rows[{row}].{model.Inputs.Columns[slot].Name}" : $"rows[{row}]";
        request.Fail(field, JsonWords.Explain(body, e), limits);
    }
}
