using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Problems;

namespace Serverless.Sketches;

/// <summary>A sketch as one base64 string in JSON.</summary>
internal sealed class SketchJson<T> : JsonConverter<T> where T : ISketch<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes) ? T.FromBytes(bytes)
            : throw new DataException($"a stored sketch is no base64 text; it was changed since it was written.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value.ToBytes());
}
