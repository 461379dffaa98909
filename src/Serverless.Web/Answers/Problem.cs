using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Scoring;

namespace Serverless.Web.Answers;

/// <summary>Refusals as RFC 9457 problem details, with <c>errors</c> naming each field.</summary>
internal static class Problem
{
    public static async Task WriteAsync(HttpContext context, int status, string title, string detail, FieldErrors? errors = null)
    {
        if (context.Response.HasStarted) return;
        using var text = new MemoryStream();
        Write(text, context, status, title, detail, errors);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), context.RequestAborted).ConfigureAwait(false);
    }

    private static void Write(Stream stream, HttpContext context, int status, string title, string detail, FieldErrors? errors)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("type"u8, "about:blank");
        json.WriteString("title"u8, title);
        json.WriteNumber("status"u8, status);
        json.WriteString("detail"u8, detail);
        json.WriteString("instance"u8, context.Request.Path.Value);
        if (errors is not null)
        {
            json.WriteStartObject("errors"u8);
            foreach (var (field, messages) in errors.Fields)
            {
                json.WriteStartArray(field);
                foreach (var message in messages) json.WriteStringValue(message);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
