using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Scoring;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict;

/// <summary><c>POST /v1/models/{model}/predict</c>: the body is rows already.</summary>
internal sealed class RowsProtocol : IPredictProtocol
{
    private static readonly JsonEncodedText ModelName = JsonEncodedText.Encode("model");
    private static readonly JsonEncodedText Predictions = JsonEncodedText.Encode("predictions");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
    private static readonly JsonEncodedText Version = JsonEncodedText.Encode("version");
    private static readonly JsonEncodedText Role = JsonEncodedText.Encode("role");

    public static RowsProtocol Shared { get; } = new();

    public Protocol Kind => Protocol.Rows;

    public bool Rewrites => false;

    public string Model(HttpContext context) => (string)context.Request.RouteValues["model"]!;

    public ReadOnlySpan<byte> Rows(HttpContext context, ReadOnlyMemory<byte> body, ServedModel served, PredictScratch scratch) => body.Span;

    public void Write(Utf8JsonWriter json, PredictAnswer answer, PredictScratch scratch)
    {
        var served = answer.Served;
        json.WriteStartObject();
        json.WriteString(ModelName, served.EncodedName);
        if (answer.Note is { } note)
        {
            json.WriteStartArray("notes"u8);
            foreach (var text in note.Encoded) json.WriteStringValue(text);
            json.WriteEndArray();
        }

        json.WriteStartArray(Predictions);
        for (var row = 0; row < answer.Request.Count; row++)
        {
            json.WriteStartObject();
            json.WriteString(Id, answer.Ids[row]);
            if (answer.Request.Key(row) is { } key) json.WriteString(Key, key);
            var by = answer.Request.By(row, served);
            json.WriteNumber(Version, by.Version);
            json.WriteString(Role, by.EncodedRole);
            if (by.Segment is { } segment) json.WriteString("segment"u8, segment);
            AnswerWriter.Write(json, by.Answers, answer.Request.Outputs(row));
            if (by.Outliers is not null) OutlierWriter.Write(json, answer.Request.Outlier(row));
            FallbackWriter.Write(json, answer.Request.Fallbacks(row));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public Task WriteAsync(HttpContext context, int status, string title, string detail, FieldErrors? errors = null, string rows = "rows") =>
        ProblemRefusals.Shared.WriteAsync(context, status, title, detail, errors);
}
