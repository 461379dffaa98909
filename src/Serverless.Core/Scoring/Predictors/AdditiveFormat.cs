using System.Text.Json;

namespace Serverless.Scoring.Predictors;

/// <summary>additive.json: link, biases, and of each shape its output, slot, bounds (null for a category) and effects.</summary>
internal sealed class AdditiveFormat : IPredictorFormat
{
    public const string Name = "additive";

    public string Format => Name;

    public string FileName => "additive.json";

    public void Write(IPredictor predictor, Stream stream)
    {
        var additive = (AdditivePredictor)predictor;
        using var json = PredictorJson.Begin(stream);
        json.WriteString("link", PredictorJson.Word(additive.Link));
        PredictorJson.Numbers(json, "biases", additive.Biases);
        json.WriteStartArray("shapes");
        foreach (var shape in additive.Shapes)
        {
            json.WriteStartObject();
            json.WriteNumber("output", shape.Output);
            json.WriteNumber("slot", shape.Slot);
            if (shape.Bounds is { } bounds) PredictorJson.Numbers(json, "bounds", bounds);
            PredictorJson.Numbers(json, "effects", shape.Effects);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public IPredictor Read(Stream stream) => PredictorJson.Read(stream, FileName, root => new AdditivePredictor(
        PredictorJson.Doubles(root, "biases"),
        [.. root.GetProperty("shapes").EnumerateArray().Select(Shape)],
        PredictorJson.ToLink(root.GetProperty("link").GetString())));

    private static AdditiveShape Shape(JsonElement shape) => new(
        shape.GetProperty("output").GetInt32(),
        shape.GetProperty("slot").GetInt32(),
        shape.TryGetProperty("bounds", out var bounds) ? PredictorJson.Doubles(bounds) : null,
        PredictorJson.Doubles(shape, "effects"));
}
