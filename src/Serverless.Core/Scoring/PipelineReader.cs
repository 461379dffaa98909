using System.Text.Json;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;

namespace Serverless.Scoring;

/// <summary>
/// Reads <c>pipeline.json</c> element by element. The serializer's metadata for these few records, generated or not, are some five hundred methods that a server would compile
/// at each start. <see cref="PipelineJson"/> writes; a test keeps the two alike.
/// </summary>
internal static class PipelineReader
{
    /// <exception cref="InvalidDataException">Something is missing or of another kind; the message names it.</exception>
    public static PipelineDocument Read(JsonElement root, string file)
    {
        try
        {
            var features = Required(root, "features");
            return new PipelineDocument
            {
                SchemaVersion = Required(root, "schemaVersion").GetInt32(),
                Model = Text(root, "model"),
                Task = ToTask(Text(root, "task")),
                Label = Text(root, "label"),
                Classes = Texts(Required(root, "classes")),
                Threshold = Number(root, "threshold") ?? 0.5,
                Features = new FeaturePlanState
                {
                    Inputs = Each(Required(features, "inputs"), ToColumn), Features = Each(Required(features, "features"), ToFeature),
                    Functions = Optional(features, "functions") is { } functions ? Each(functions, f => new FunctionVersion(Text(f, "name"), Required(f, "version").GetInt32())) : null,
                },
                Predictor = Text(root, "predictor"),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or InvalidDataException)
        {
            throw new InvalidDataException($"{file} is not what was expected: {e.Message}", e);
        }
    }

    private static RawColumn ToColumn(JsonElement column) => new(
        Text(column, "name"), ToType(Text(column, "type")), Required(column, "required").GetBoolean(), Optional(column, "unit")?.GetString(), Optional(column, "description")?.GetString(),
        Optional(column, "lookup") is { } lookup ? LookupReader.Read(lookup) : null);

    private static FittedFeature ToFeature(JsonElement feature) => new()
    {
        Name = Text(feature, "name"),
        From = Text(feature, "from"),
        Fill = Number(feature, "fill"),
        Mean = Number(feature, "mean"),
        Scale = Number(feature, "scale"),
        Categories = Optional(feature, "categories") is { } categories ? Texts(categories) : null,
        OneHot = Flag(feature, "oneHot"),
        Encode = Optional(feature, "encode")?.GetString(),
        Log = Optional(feature, "log")?.GetString(),
        MissingCategory = Flag(feature, "missingCategory"),
        Indicator = Flag(feature, "indicator"),
        Edges = Optional(feature, "edges") is { } edges ? Numbers(edges) : null,
        Buckets = Optional(feature, "buckets")?.GetInt32(),
        Periods = Optional(feature, "periods") is { } periods ? Texts(periods) : null,
        Text = Optional(feature, "text") is { } text ? ToText(text) : null,
    };

    private static FittedText ToText(JsonElement text) => new()
    {
        Characters = Flag(text, "characters"),
        From = Required(text, "from").GetInt32(),
        To = Required(text, "to").GetInt32(),
        Vocabulary = Optional(text, "vocabulary") is { } vocabulary ? Texts(vocabulary) : null,
        Idf = Optional(text, "idf") is { } idf ? Numbers(idf) : null,
    };

    private static TaskKind ToTask(string word) => word switch
    {
        "binary" => TaskKind.Binary,
        "multiclass" => TaskKind.Multiclass,
        "regression" => TaskKind.Regression,
        _ => throw new InvalidDataException($"task '{word}' is not known"),
    };

    private static ColumnType ToType(string word) => word switch
    {
        "integer" => ColumnType.Integer,
        "number" => ColumnType.Number,
        "string" => ColumnType.String,
        "boolean" => ColumnType.Boolean,
        "timestamp" => ColumnType.Timestamp,
        _ => throw new InvalidDataException($"type '{word}' is not known"),
    };

    private static List<string> Texts(JsonElement array) => Each(array, e => e.GetString() ?? throw new InvalidDataException("a text is null"));

    private static double[] Numbers(JsonElement array)
    {
        var numbers = new double[array.GetArrayLength()];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = array[i].GetDouble();
        return numbers;
    }

    private static bool Flag(JsonElement parent, string name) => Optional(parent, name) is { } value && value.GetBoolean();

    private static List<T> Each<T>(JsonElement array, Func<JsonElement, T> read) where T : class
    {
        var items = new List<T>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray()) items.Add(read(item));
        return items;
    }

    private static string Text(JsonElement parent, string name) => Required(parent, name).GetString() ?? throw Missing(name);

    private static double? Number(JsonElement parent, string name) => Optional(parent, name)?.GetDouble();

    private static JsonElement Required(JsonElement parent, string name) => Optional(parent, name) ?? throw Missing(name);

    private static JsonElement? Optional(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static InvalidDataException Missing(string name) => new($"'{name}' is missing");
}
