using System.Text.Json;

namespace Serverless.Onnx;

/// <summary>How features go into an ONNX model and answers come out: stored with the file.</summary>
/// <param name="Inputs">One that takes all features side by side, or one for each feature in the order of the features.</param>
/// <param name="Output">Name of the tensor that is read.</param>
/// <param name="Columns">Its column for each of the predictor's outputs.</param>
/// <param name="RowByRow">The file fixes the number of rows at one.</param>
internal sealed record OnnxBinding(IReadOnlyList<OnnxInput> Inputs, string Output, IReadOnlyList<int> Columns, bool RowByRow)
{
    public string Write()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 1);
            json.WriteStartArray("inputs");
            foreach (var input in Inputs)
            {
                json.WriteStartObject();
                json.WriteString("name", input.Name);
                json.WriteNumber("type", input.Type);
                json.WriteNumber("width", input.Width);
                json.WriteBoolean("flat", input.Flat);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("output", Output);
            json.WriteStartArray("columns");
            foreach (var column in Columns) json.WriteNumberValue(column);
            json.WriteEndArray();
            json.WriteBoolean("rowByRow", RowByRow);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <exception cref="InvalidDataException">It is not what was expected, or a newer version of the program wrote it.</exception>
    public static OnnxBinding Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.GetProperty("schemaVersion").GetInt32() > 1) throw new InvalidDataException($"model.onnx has a binding of schemaVersion {root.GetProperty("schemaVersion")}; this program knows up to 1: update it");
            return new OnnxBinding(
                [.. root.GetProperty("inputs").EnumerateArray().Select(i => new OnnxInput(i.GetProperty("name").GetString()!, i.GetProperty("type").GetInt32(), i.GetProperty("width").GetInt32(), i.GetProperty("flat").GetBoolean()))],
                root.GetProperty("output").GetString()!, [.. root.GetProperty("columns").EnumerateArray().Select(c => c.GetInt32())], root.GetProperty("rowByRow").GetBoolean());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"model.onnx has a damaged binding: {e.Message}", e);
        }
    }
}

/// <param name="Type">1 float, 7 int64, 11 double.</param>
/// <param name="Width">Features that it takes.</param>
/// <param name="Flat">Its shape is [rows] rather than [rows, width].</param>
internal sealed record OnnxInput(string Name, int Type, int Width, bool Flat);
