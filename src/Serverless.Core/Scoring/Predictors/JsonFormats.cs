using System.Text.Json;

namespace Serverless.Scoring.Predictors;

/// <summary>constant.json: <c>{"schemaVersion":1,"values":[...]}</c>.</summary>
internal sealed class ConstantFormat : IPredictorFormat
{
    public const string Name = "constant";

    public string Format => Name;

    public string FileName => "constant.json";

    public void Write(IPredictor predictor, Stream stream)
    {
        using var json = PredictorJson.Begin(stream);
        PredictorJson.Numbers(json, "values", ((ConstantPredictor)predictor).Values);
        json.WriteEndObject();
    }

    public IPredictor Read(Stream stream) => PredictorJson.Read(stream, FileName, root => new ConstantPredictor(PredictorJson.Doubles(root, "values")));
}

/// <summary>linear.json: link, cardinalities of the slots, biases and weights for each output.</summary>
internal sealed class LinearFormat : IPredictorFormat
{
    public const string Name = "linear";

    public string Format => Name;

    public string FileName => "linear.json";

    public void Write(IPredictor predictor, Stream stream)
    {
        var linear = (LinearPredictor)predictor;
        using var json = PredictorJson.Begin(stream);
        json.WriteString("link", PredictorJson.Word(linear.Link));
        PredictorJson.Integers(json, "cardinalities", linear.Cardinalities);
        PredictorJson.Numbers(json, "biases", linear.Biases);
        json.WriteStartArray("weights");
        foreach (var weights in linear.Weights) PredictorJson.Numbers(json, null, weights);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public IPredictor Read(Stream stream) => PredictorJson.Read(stream, FileName, root => new LinearPredictor(
        PredictorJson.Ints(root, "cardinalities"),
        [.. root.GetProperty("weights").EnumerateArray().Select(PredictorJson.Doubles)],
        PredictorJson.Doubles(root, "biases"),
        PredictorJson.ToLink(root.GetProperty("link").GetString())));
}

/// <summary>trees.json: the flat arrays of a <see cref="TreeEnsemble"/>.</summary>
internal sealed class TreesFormat : IPredictorFormat
{
    public const string Name = "trees";

    public string Format => Name;

    public string FileName => "trees.json";

    public void Write(IPredictor predictor, Stream stream)
    {
        var trees = (TreeEnsemble)predictor;
        using var json = PredictorJson.Begin(stream);
        json.WriteString("link", PredictorJson.Word(trees.Link));
        json.WriteNumber("slope", trees.Slope);
        json.WriteNumber("offset", trees.Offset);
        json.WriteNumber("outputs", trees.Outputs);
        PredictorJson.Numbers(json, "bias", trees.Bias.ToArray());
        PredictorJson.Integers(json, "roots", trees.Roots.ToArray());
        // Threshold, slot and kind, left, right: the threshold as the bits of a float, which also hold the place of a set of categories.
        PredictorJson.Integers(json, "nodes", trees.Nodes.ToArray().SelectMany(n => new[] { BitConverter.SingleToInt32Bits(n.Threshold), n.SlotAndKind, n.Left, n.Right }));
        PredictorJson.Numbers(json, "leaves", trees.Leaves.ToArray());
        PredictorJson.Integers(json, "sets", trees.Bits.ToArray().Select(b => (int)b));
        json.WriteEndObject();
    }

    public IPredictor Read(Stream stream) => PredictorJson.Read(stream, FileName, root =>
    {
        var builder = new TreeEnsembleBuilder(root.GetProperty("outputs").GetInt32())
        {
            Link = PredictorJson.ToLink(root.GetProperty("link").GetString()),
            Slope = root.GetProperty("slope").GetDouble(),
            Offset = root.GetProperty("offset").GetDouble(),
            Bias = PredictorJson.Doubles(root, "bias"),
        };
        builder.Restore(PredictorJson.Ints(root, "nodes"), PredictorJson.Doubles(root, "leaves"), PredictorJson.Ints(root, "roots"), PredictorJson.Ints(root, "sets"));
        return builder.Build();
    });
}

internal static class PredictorJson
{
    private const int SchemaVersion = 1;

    public static Utf8JsonWriter Begin(Stream stream)
    {
        var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", SchemaVersion);
        return json;
    }

    public static void Numbers(Utf8JsonWriter json, string? name, IEnumerable<double> values)
    {
        if (name is null) json.WriteStartArray();
        else json.WriteStartArray(name);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    public static void Integers(Utf8JsonWriter json, string name, IEnumerable<int> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    public static double[] Doubles(JsonElement root, string name) => Doubles(root.GetProperty(name));

    public static double[] Doubles(JsonElement array)
    {
        var (values, i) = (new double[array.GetArrayLength()], 0);
        foreach (var item in array.EnumerateArray()) values[i++] = item.GetDouble();
        return values;
    }

    public static int[] Ints(JsonElement root, string name)
    {
        var array = root.GetProperty(name);
        var (values, i) = (new int[array.GetArrayLength()], 0);
        foreach (var item in array.EnumerateArray()) values[i++] = item.GetInt32();
        return values;
    }

    public static string Word(Link link) => link switch
    {
        Link.Identity => "identity",
        Link.Sigmoid => "sigmoid",
        Link.Softmax => "softmax",
        Link.Exp => "exp",
        Link.Proportion => "proportion",
        _ => "normalised-sigmoid",
    };

    public static Link ToLink(string? word) => word switch
    {
        "identity" => Link.Identity,
        "sigmoid" => Link.Sigmoid,
        "softmax" => Link.Softmax,
        "normalised-sigmoid" => Link.NormalisedSigmoid,
        "exp" => Link.Exp,
        "proportion" => Link.Proportion,
        _ => throw new InvalidDataException($"link '{word}' is not known"),
    };

    /// <summary>Reads a document of a known version; whatever is wrong with it becomes one kind of exception that names the file.</summary>
    public static IPredictor Read(Stream stream, string fileName, Func<JsonElement, IPredictor> read)
    {
        try
        {
            using var document = JsonDocument.Parse(stream);
            var version = document.RootElement.GetProperty("schemaVersion").GetInt32();
            if (version > SchemaVersion) throw new InvalidDataException($"{fileName} has schemaVersion {version}; this program knows up to {SchemaVersion}: update it");
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or OverflowException)
        {
            throw new InvalidDataException($"{fileName} is not what was expected: {e.Message}", e);
        }
    }
}
