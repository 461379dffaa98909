using System.Text.Json;

namespace Serverless.Web.Predict;

/// <summary><c>"fallback":["wind"]</c>: columns that enrichment was to bring and did not. Nothing where all is well.</summary>
public static class FallbackWriter
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<string>? columns)
    {
        if (columns is null) return;
        json.WriteStartArray("fallback"u8);
        foreach (var column in columns) json.WriteStringValue(column);
        json.WriteEndArray();
    }
}
