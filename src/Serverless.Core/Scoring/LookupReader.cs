using System.Globalization;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.FeatureViews;

namespace Serverless.Scoring;

/// <summary>The lookup of an input column in <c>pipeline.json</c>, element by element as <see cref="PipelineReader"/> does.</summary>
internal static class LookupReader
{
    public static LookupDefinition Read(JsonElement lookup)
    {
        string Text(string name) => lookup.GetProperty(name).GetString() ?? throw new InvalidDataException($"lookup: '{name}' is empty");
        string? Maybe(string name) => lookup.TryGetProperty(name, out var value) ? value.GetString() : null;
        TimeSpan? Span(string name) => Maybe(name) is { } text ? TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture) : null;
        try
        {
            return new LookupDefinition
            {
                Kind = Word<LookupKind>(Text("kind")), Source = Text("source"), Column = Text("column"), Type = Word<ColumnType>(Text("type")),
                Keys = [.. lookup.GetProperty("keys").EnumerateArray().Select(k => new LookupKey(k.GetProperty("key").GetString()!, k.GetProperty("column").GetString()!))],
                Dataset = Text("dataset"), Time = Maybe("time"), Aggregate = Maybe("aggregate") is { } a ? Word<AggregateFunction>(a) : null, Over = Span("over"), After = Span("after") ?? TimeSpan.Zero,
            };
        }
        catch (KeyNotFoundException e)
        {
            throw new InvalidDataException($"a lookup lacks something: {e.Message}", e);
        }
    }

    // All words are single ones, so kebab case is lower case.
    private static T Word<T>(string text) where T : struct, Enum => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value)
        ? value : throw new InvalidDataException($"'{text}' is no {typeof(T).Name}");
}
