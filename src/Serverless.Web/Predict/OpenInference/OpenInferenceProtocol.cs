using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict.OpenInference;

/// <summary>
/// <c>POST /v2/models/{model}[/versions/{version}]/infer</c>. Outputs are always JSON: a client that asks for binary data finds <c>data</c>, as the extension lets a server answer that does not list it.
/// </summary>
internal sealed class OpenInferenceProtocol(RequestLimits limits) : IPredictProtocol
{
    public Protocol Kind => Protocol.OpenInference;

    public bool Rewrites => true;

    public string Model(HttpContext context) => (string)context.Request.RouteValues["model"]!;

    public ReadOnlySpan<byte> Rows(HttpContext context, ReadOnlyMemory<byte> body, ServedModel served, PredictScratch scratch)
    {
        if (context.Request.Headers.ContainsKey("Inference-Header-Content-Length"))
        {
            throw new FieldException("Inference-Header-Content-Length: the binary tensor data extension is not offered here. Send the elements as JSON in 'data' (tritonclient: set_data_from_numpy(..., binary_data=False)).");
        }

        TensorReader.Read(body, served, TensorOutputs.Names(served.Schema), scratch.Tensors, scratch.Rows, limits);
        return scratch.Rows.Written;
    }

    public void Write(Utf8JsonWriter json, PredictAnswer answer, PredictScratch scratch)
    {
        var served = answer.Served;
        var one = AnsweredBy.One(answer);
        json.WriteStartObject();
        json.WriteString("model_name"u8, served.EncodedName);
        if (one is not null) json.WriteString("model_version"u8, one.EncodedVersion);
        else json.WriteString("model_version"u8, AnsweredBy.List(answer, static by => by.EncodedVersion.Value));
        // A request without a name is answered under the id of its (first) prediction.
        json.WriteString("id"u8, scratch.Tensors.Id is { Length: > 0 } id ? id : answer.Ids[0]);
        json.WriteStartObject("parameters"u8);
        json.WriteString("role"u8, served.EncodedRole);
        // A parameter may be a text, a number or a truth, so several segments are a list between commas.
        if (served.Segments is not null) json.WriteString("segment"u8, one is not null ? one.Segment : AnsweredBy.List(answer, static by => by.Segment));
        if (answer.Note is { } note) json.WriteString("notes"u8, note.Text);
        json.WriteEndObject();
        json.WriteStartArray("outputs"u8);
        var outputs = TensorOutputs.Of(served.Schema);
        if (scratch.Tensors.Outputs.Count == 0) for (var i = 0; i < outputs.Count; i++) Output(json, answer, outputs[i]);
        else foreach (var name in scratch.Tensors.Outputs) Output(json, answer, outputs.First(o => o.Name == name));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Output(Utf8JsonWriter json, PredictAnswer answer, TensorOutput output)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, output.Name);
        json.WriteStartArray("shape"u8);
        json.WriteNumberValue(answer.Request.Count);
        json.WriteNumberValue(output.Width);
        json.WriteEndArray();
        json.WriteString("datatype"u8, output.Datatype);
        json.WriteStartArray("data"u8);
        for (var row = 0; row < answer.Request.Count; row++) Value(json, answer, output.Name, row);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, PredictAnswer answer, string output, int row)
    {
        var shape = answer.Request.By(row, answer.Served).Answers;
        var outputs = answer.Request.Outputs(row);
        switch (output)
        {
            case TensorOutputs.PredictionId: json.WriteStringValue(answer.Ids[row]); break;
            case TensorOutputs.Probabilities: foreach (var share in outputs) json.WriteNumberValue(share); break;
            case TensorOutputs.Prediction when shape.Task == TaskKind.Binary: json.WriteBooleanValue(shape.IsTrue(outputs)); break;
            case TensorOutputs.Prediction when shape.Task == TaskKind.Multiclass: json.WriteStringValue(shape.EncodedClasses[shape.Best(outputs)]); break;
            default: json.WriteNumberValue(shape.Score(outputs)); break;
        }
    }

    public Task WriteAsync(HttpContext context, int status, string title, string detail, FieldErrors? errors = null, string rows = "rows") =>
        SmallJson.WriteAsync(context, status, json => json.WriteString("error"u8, errors is null ? detail : FieldErrorText.Of(errors, rows)));
}
