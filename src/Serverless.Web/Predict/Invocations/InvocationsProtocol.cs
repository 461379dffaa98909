using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Predict.Invocations;

/// <summary>
/// MLflow scoring: <c>POST /invocations</c> where one model is served, <c>POST /v1/models/{model}/invocations</c> where there are several. The answer has MLflow's <c>predictions</c>, and beside them
/// the ids under which they are recorded.
/// </summary>
internal sealed class InvocationsProtocol(Workspace workspace, IModelHost models, RequestLimits limits) : IPredictProtocol
{
    private static readonly string[] Charsets = ["utf-8", "us-ascii", "iso-8859-1", "utf-16", "utf-16le", "utf-16be"];

    public Protocol Kind => Protocol.Mlflow;

    public bool Rewrites => true;

    public string Model(HttpContext context)
    {
        if (context.Request.RouteValues["model"] is string named) return named;
        if (workspace.Models.Count == 1) return workspace.Models.Keys.First();
        string[] serving = [.. models.Status().Where(s => s.Serving is not null).Select(s => s.Model)];
        if (serving.Length == 1) return serving[0];
        var known = workspace.Models.Keys.Union(serving).Order(StringComparer.Ordinal).ToArray();
        throw known.Length == 0 ? new NotFoundException("This workspace has no models.")
            : new FieldException($"model: {known.Length} models are served here, and this address does not say which. Ask {string.Join(", ", known.Select(m => $"/v1/models/{m}/invocations"))}.");
    }

    public ReadOnlySpan<byte> Rows(HttpContext context, ReadOnlyMemory<byte> body, ServedModel served, PredictScratch scratch)
    {
        var (type, charset) = Type(context.Request.ContentType);
        if (type == "text/csv")
        {
            scratch.Invocation.Begin();
            Csv(body.Span, charset, served, scratch.Rows);
        }
        else
        {
            if (charset is not ("utf-8" or "us-ascii")) throw new UnsupportedMediaException($"Content-Type: JSON is UTF-8, not {charset}.");
            InvocationReader.Read(body.Span, served, scratch.Invocation, scratch.Rows, limits);
        }

        return scratch.Rows.Written;
    }

    private void Csv(ReadOnlySpan<byte> body, string charset, ServedModel served, RowsText rows)
    {
        try
        {
            // The mark of UTF-16 says which end comes first (RFC 2781); without one it is the little end, as most that send it write.
            if (charset == "utf-16" && body.StartsWith<byte>([0xFE, 0xFF])) charset = "utf-16be";
            // Bytes that are no text of the charset are an error, never a question mark in somebody's data.
            var encoding = Encoding.GetEncoding(charset, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            CsvReader.Read(encoding.GetString(body).TrimStart('\uFEFF'), served, rows, limits);
        }
        catch (DecoderFallbackException)
        {
            throw new FieldException($"body: is not valid text ({charset}).");
        }
    }

    private static (string Type, string Charset) Type(string? header)
    {
        if (string.IsNullOrEmpty(header)) return ("application/json", "utf-8");
        // A semicolon with nothing behind it is no parameter (RFC 9110, 5.6.6, lets recipients take it).
        if (!MediaTypeHeaderValue.TryParse(header.TrimEnd(' ', ';'), out var parsed)) throw new UnsupportedMediaException($"Content-Type: '{header}' cannot be read. Send application/json or text/csv.");
        var type = parsed.MediaType?.ToLowerInvariant();
        if (type is not ("application/json" or "text/csv")) throw new UnsupportedMediaException($"Content-Type: '{type}' is not read here. Send application/json or text/csv.");
        var charset = parsed.CharSet?.Trim('"').ToLowerInvariant() switch { null or "" or "utf8" => "utf-8", "ascii" => "us-ascii", "latin1" or "latin-1" => "iso-8859-1", var other => other };
        return Charsets.Contains(charset) ? (type, charset) : throw new UnsupportedMediaException($"Content-Type: the charset '{charset}' is not read here. Allowed: {string.Join(", ", Charsets)}.");
    }

    public void Write(Utf8JsonWriter json, PredictAnswer answer, PredictScratch scratch)
    {
        var (served, request) = (answer.Served, answer.Request);
        json.WriteStartObject();
        json.WriteStartArray("predictions"u8);
        for (var row = 0; row < request.Count; row++)
        {
            if (scratch.Invocation.Probabilities) Shares(json, request.By(row, served).Answers, request.Outputs(row));
            else Prediction(json, request.By(row, served).Answers, request.Outputs(row));
        }

        json.WriteEndArray();
        json.WriteStartArray("ids"u8);
        foreach (var id in answer.Ids) json.WriteStringValue(id);
        json.WriteEndArray();
        json.WriteString("model"u8, served.EncodedName);
        // Numbers of versions are each segment's own: where several answered there is no one number, and each row has its own beside it.
        if (AnsweredBy.One(answer) is { } one) json.WriteNumber("version"u8, one.Version);
        if (served.Segments is not null) Segments(json, answer);
        if (answer.Note is { } note)
        {
            json.WriteStartArray("notes"u8);
            foreach (var text in note.Encoded) json.WriteStringValue(text);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Segments(Utf8JsonWriter json, PredictAnswer answer)
    {
        json.WriteStartArray("segments"u8);
        for (var row = 0; row < answer.Request.Count; row++) json.WriteStringValue(answer.Request.By(row, answer.Served).Segment);
        json.WriteEndArray();
        json.WriteStartArray("versions"u8);
        for (var row = 0; row < answer.Request.Count; row++) json.WriteNumberValue(answer.Request.By(row, answer.Served).Version);
        json.WriteEndArray();
    }

    private static void Prediction(Utf8JsonWriter json, AnswerShape shape, ReadOnlySpan<double> outputs)
    {
        switch (shape.Task)
        {
            case TaskKind.Binary: json.WriteBooleanValue(shape.IsTrue(outputs)); break;
            case TaskKind.Multiclass: json.WriteStringValue(shape.EncodedClasses[shape.Best(outputs)]); break;
            default: json.WriteNumberValue(outputs[0]); break;
        }
    }

    // As scikit-learn's predict_proba: one share for each class, in the order of the classes (false before true).
    private static void Shares(Utf8JsonWriter json, AnswerShape shape, ReadOnlySpan<double> outputs)
    {
        json.WriteStartArray();
        if (shape.Task == TaskKind.Binary) json.WriteNumberValue(1 - outputs[0]);
        foreach (var share in outputs) json.WriteNumberValue(share);
        json.WriteEndArray();
    }

    public Task WriteAsync(HttpContext context, int status, string title, string detail, FieldErrors? errors = null, string rows = "rows") => SmallJson.WriteAsync(context, status, json =>
    {
        json.WriteString("error_code"u8, Code(status));
        json.WriteString("message"u8, errors is null ? detail : FieldErrorText.Of(errors, rows));
    });

    // Names of mlflow/protos/databricks.proto.
    private static string Code(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "UNAUTHENTICATED",
        StatusCodes.Status403Forbidden => "PERMISSION_DENIED",
        StatusCodes.Status404NotFound => "RESOURCE_DOES_NOT_EXIST",
        StatusCodes.Status409Conflict => "INVALID_STATE",
        StatusCodes.Status413PayloadTooLarge => "RESOURCE_EXHAUSTED",
        StatusCodes.Status429TooManyRequests => "REQUEST_LIMIT_EXCEEDED",
        StatusCodes.Status500InternalServerError => "INTERNAL_ERROR",
        StatusCodes.Status503ServiceUnavailable => "TEMPORARILY_UNAVAILABLE",
        _ => "BAD_REQUEST",
    };
}
