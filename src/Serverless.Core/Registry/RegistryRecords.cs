using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Registry;

/// <summary>
/// A row of table <c>versions</c>. It begins as a claim on a number by a run; with <see cref="Version"/> filled, the objects are there and the version exists.
/// </summary>
internal sealed record VersionRecord
{
    public int SchemaVersion { get; init; } = 1;

    public required string Run { get; init; }

    public required int Number { get; init; }

    public required DateTimeOffset ClaimedAt { get; init; }

    public ModelVersion? Version { get; init; }

    /// <summary>What happened to the version, oldest first, written with what it tells about: whoever looks at the audit completes it from here.</summary>
    public IReadOnlyList<AuditEntry> History { get; init; } = [];
}

/// <summary>A row of table <c>aliases</c>.</summary>
internal sealed record AliasRecord
{
    public int SchemaVersion { get; init; } = 1;

    public required int Version { get; init; }

    /// <summary>Versions that it pointed at before, the most recent last: the way back.</summary>
    public required IReadOnlyList<int> Before { get; init; }

    /// <summary>The move that led here. Written with it, so that the audit cannot miss it: whoever comes next completes the audit.</summary>
    public required AuditEntry Move { get; init; }

    public required string MoveId { get; init; }
}

internal sealed record AuditRecord
{
    public int SchemaVersion { get; init; } = 1;

    public required AuditEntry Entry { get; init; }
}

/// <summary>Generated at build time: loading a model is part of every cold start.</summary>
[JsonSerializable(typeof(VersionRecord))]
[JsonSerializable(typeof(AliasRecord))]
[JsonSerializable(typeof(AuditRecord))]
internal sealed partial class RegistryJson : JsonSerializerContext
{
    private const int KnownSchemaVersion = 1;

    public static RegistryJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter<TaskKind>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<ColumnType>(JsonNamingPolicy.KebabCaseLower),
        },
    });

    /// <exception cref="EnvironmentException">A newer program wrote it, or it is damaged; the message names <paramref name="what"/>.</exception>
    public static T Read<T>(string json, JsonTypeInfo<T> type, string what) where T : class =>
        Pick(json, root => root.Deserialize(type) ?? throw new EnvironmentException($"{what} is empty in the store"), what);

    /// <summary>A part of a record, without the serializer: what a server reads at its start.</summary>
    /// <exception cref="EnvironmentException">As <see cref="Read"/>.</exception>
    public static T Pick<T>(string json, Func<JsonElement, T> part, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var version = document.RootElement.GetProperty("schemaVersion").GetInt32();
            if (version > KnownSchemaVersion)
            {
                throw new EnvironmentException($"{what} has schemaVersion {version}; this program knows up to {KnownSchemaVersion}: the store was written by a newer version, update this one");
            }

            return part(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new EnvironmentException($"{what} is damaged in the store: {e.Message}", e);
        }
    }
}
