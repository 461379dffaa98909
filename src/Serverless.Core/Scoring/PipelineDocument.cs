using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;

namespace Serverless.Scoring;

/// <summary><c>pipeline.json</c> within model.zip: everything about a model but the predictor's own file. Says nothing about when and where, so equal models are equal bytes.</summary>
public sealed record PipelineDocument
{
    public const int KnownSchemaVersion = 2;

    private readonly int? schemaVersion;

    /// <summary>The lowest that can hold the features, so that older programs still read what they understand.</summary>
    public int SchemaVersion { get => schemaVersion ?? Features.SchemaVersion(); init => schemaVersion = value; }

    public required string Model { get; init; }

    public required TaskKind Task { get; init; }

    /// <summary>The label's expression, for people.</summary>
    public required string Label { get; init; }

    public required IReadOnlyList<string> Classes { get; init; }

    public double Threshold { get; init; } = 0.5;

    public required FeaturePlanState Features { get; init; }

    /// <summary>Name of the predictor's format; its file lies beside this one.</summary>
    public required string Predictor { get; init; }

    public ModelSchema Schema() => new() { Task = Task, Inputs = Features.Inputs, Classes = Classes, FeatureCount = Features.SlotCount(), Threshold = Threshold };
}

/// <summary>Generated at build time: reflection would cost a cold start a tenth of a second.</summary>
[JsonSerializable(typeof(PipelineDocument))]
internal sealed partial class PipelineJson : JsonSerializerContext
{
    public static PipelineJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter<TaskKind>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<FeatureViews.LookupKind>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<FeatureViews.AggregateFunction>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<ColumnType>(JsonNamingPolicy.KebabCaseLower),
        },
    });
}
