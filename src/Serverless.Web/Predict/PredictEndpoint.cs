using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Arrival;
using Serverless.Scoring;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict;

/// <summary>
/// <c>POST /v1/models/{model}/predict</c>. Between the body's arrival and the answer everything happens on one thread without waiting, so the buffers are the
/// thread's own and a request leaves next to nothing for the garbage collector.
/// </summary>
internal sealed class PredictEndpoint(IModelHost models, IPredictionLog log, PredictionIds ids, RequestLimits limits, DataNotes notes, TimeProvider time, ExplainedAnswer explained)
{
    private static readonly JsonEncodedText Model = JsonEncodedText.Encode("model");
    private static readonly JsonEncodedText Predictions = JsonEncodedText.Encode("predictions");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText Version = JsonEncodedText.Encode("version");
    private static readonly JsonEncodedText Role = JsonEncodedText.Encode("role");

    [ThreadStatic]
    private static Buffers? buffers;

    public async Task InvokeAsync(HttpContext context)
    {
        var served = await models.GetAsync((string)context.Request.RouteValues["model"]!, context.RequestAborted).ConfigureAwait(false);
        using var body = await RequestBody.ReadAsync(context, limits.MaxBytes).ConfigureAwait(false);
        if (Answer(context, served, body.Bytes) is { } rest) await rest.ConfigureAwait(false);
    }

    /// <summary>Null when answered; otherwise what is still to be waited for: a refusal, or explanations.</summary>
    private Task? Answer(HttpContext context, ServedModel served, ReadOnlyMemory<byte> bytes)
    {
        var body = bytes.Span;
        var mine = buffers ??= new Buffers();
        var request = mine.Request;
        RequestReader.Read(body, served, request, limits);
        if (request.TooManyRows)
        {
            return Problem.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Too many rows",
                $"A request may bring at most {limits.MaxRows} rows. Send several requests, or score a file (`serverless-ml predict {served.Name} --input FILE`).");
        }

        if (request.Errors is { } errors)
        {
            return Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The request cannot be scored",
                errors.Count == 1 ? "1 field is wrong; nothing was predicted." : $"{errors.Count} errors; nothing was predicted.", errors);
        }

        var note = notes.Of(served.Name);
        if (note?.Refusal is { } refusal)
        {
            return Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Data are missing", $"Nothing is predicted from old data: {refusal}.");
        }

        if (request.Explain) return explained.WriteAsync(context, served, bytes, note);
        mine.Text.ResetWrittenCount();
        mine.Json.Reset(mine.Text);
        Write(mine.Json, served, request, body, note, time.GetUtcNow().UtcDateTime);
        mine.Json.Flush();
        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = mine.Text.WrittenCount;
        response.BodyWriter.Write(mine.Text.WrittenSpan);
        if (mine.Text.Capacity > 4 * 1024 * 1024) buffers = null;
        return null;
    }

    private void Write(Utf8JsonWriter json, ServedModel served, PredictionRequest request, ReadOnlySpan<byte> body, DataNote? note, DateTime now)
    {
        json.WriteStartObject();
        json.WriteString(Model, served.EncodedName);
        if (note is not null)
        {
            json.WriteStartArray("notes"u8);
            foreach (var text in note.Encoded) json.WriteStringValue(text);
            json.WriteEndArray();
        }

        json.WriteStartArray(Predictions);
        for (var row = 0; row < request.Count; row++)
        {
            var outputs = request.Outputs(row);
            var id = ids.Next(now);
            json.WriteStartObject();
            json.WriteString(Id, id);
            json.WriteNumber(Version, served.Version);
            json.WriteString(Role, served.EncodedRole);
            AnswerWriter.Write(json, served.Answers, outputs);
            json.WriteEndObject();
            log.Append(new PredictionRecord(id, now, served.Name, served.Version, served.Role, request.Subject, request.Sent(row, body), outputs, served.Answers.Text(outputs), note?.Text));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private sealed class Buffers
    {
        public PredictionRequest Request { get; } = new();

        public ArrayBufferWriter<byte> Text { get; } = new(1024);

        public Utf8JsonWriter Json { get; }

        public Buffers() => Json = new Utf8JsonWriter(Text, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
