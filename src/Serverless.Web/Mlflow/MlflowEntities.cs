using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Web.Mlflow;

/// <summary>Entities as MLflow's REST API writes them (mlflow/protos/service.proto and model_registry.proto): snake_case, times in milliseconds since 1970, UTC.</summary>
internal sealed record MlflowExperiment
{
    public required string ExperimentId { get; init; }

    public required string Name { get; init; }

    public required string ArtifactLocation { get; init; }

    public string LifecycleStage { get; init; } = MlflowStage.Active;

    public long CreationTime { get; init; }

    public long LastUpdateTime { get; init; }

    public IReadOnlyList<MlflowPair> Tags { get; init; } = [];
}

internal sealed record MlflowRun
{
    public required MlflowRunInfo Info { get; init; }

    public required MlflowRunData Data { get; init; }

    public MlflowRunInputs Inputs { get; init; } = new();

    public MlflowRunOutputs Outputs { get; init; } = new();
}

internal sealed record MlflowRunInfo
{
    public required string RunId { get; init; }

    /// <summary>The same, for old clients.</summary>
    public string RunUuid => RunId;

    public string RunName { get; init; } = "";

    public required string ExperimentId { get; init; }

    public string UserId { get; init; } = "";

    /// <summary>RUNNING, SCHEDULED, FINISHED, FAILED, KILLED.</summary>
    public required string Status { get; init; }

    public long StartTime { get; init; }

    public long? EndTime { get; init; }

    public required string ArtifactUri { get; init; }

    public string LifecycleStage { get; init; } = MlflowStage.Active;
}

internal sealed record MlflowRunData
{
    /// <summary>The last of each name: of the highest step, then time, then value.</summary>
    public IReadOnlyList<MlflowMetric> Metrics { get; init; } = [];

    public IReadOnlyList<MlflowPair> Params { get; init; } = [];

    public IReadOnlyList<MlflowPair> Tags { get; init; } = [];
}

internal sealed record MlflowRunInputs
{
    public IReadOnlyList<JsonElement> DatasetInputs { get; init; } = [];

    public IReadOnlyList<MlflowModelInput> ModelInputs { get; init; } = [];
}

internal sealed record MlflowModelInput(string ModelId);

internal sealed record MlflowRunOutputs
{
    public IReadOnlyList<MlflowModelOutput> ModelOutputs { get; init; } = [];
}

/// <param name="ModelId">Of a logged model.</param>
/// <param name="Step">At which it was made.</param>
internal sealed record MlflowModelOutput(string ModelId, long Step);

internal sealed record MlflowMetric(string Key, double Value, long Timestamp, long Step);

/// <summary>A tag or a parameter.</summary>
internal sealed record MlflowPair(string Key, string Value);

internal sealed record MlflowRegisteredModel
{
    public required string Name { get; init; }

    public long CreationTimestamp { get; init; }

    public long LastUpdatedTimestamp { get; init; }

    public string Description { get; init; } = "";

    public IReadOnlyList<MlflowModelVersion> LatestVersions { get; init; } = [];

    public IReadOnlyList<MlflowPair> Tags { get; init; } = [];

    public IReadOnlyList<MlflowAlias> Aliases { get; init; } = [];
}

internal sealed record MlflowAlias(string Alias, string Version);

internal sealed record MlflowModelVersion
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public long CreationTimestamp { get; init; }

    public long LastUpdatedTimestamp { get; init; }

    public string UserId { get; init; } = "";

    /// <summary>None, Staging, Production, Archived.</summary>
    public string CurrentStage { get; init; } = "None";

    public string Description { get; init; } = "";

    public string Source { get; init; } = "";

    public string RunId { get; init; } = "";

    public string Status { get; init; } = "READY";

    public string StatusMessage { get; init; } = "";

    public string RunLink { get; init; } = "";

    public IReadOnlyList<MlflowPair> Tags { get; init; } = [];

    public IReadOnlyList<string> Aliases { get; init; } = [];
}

internal static class MlflowStage
{
    public const string Active = "active";
    public const string Deleted = "deleted";
}

/// <summary>JSON as protobuf writes it and MLflow's client reads it.</summary>
internal static class MlflowJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals | JsonNumberHandling.AllowReadingFromString,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
