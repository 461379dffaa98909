using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Outliers;

/// <summary><c>outliers.json</c> within model.zip: what training found to be usual. With the version it is signed and never changed.</summary>
public sealed record OutlierDocument
{
    public const string FileName = "outliers.json";
    private const int KnownSchemaVersion = 1;

    public int SchemaVersion { get; init; } = KnownSchemaVersion;

    public required long Rows { get; init; }

    public required double Rare { get; init; }

    public required double Contamination { get; init; }

    public required IReadOnlyList<ColumnRange> Ranges { get; init; }

    public required IReadOnlyList<ColumnCategories> Categories { get; init; }

    public required IReadOnlyList<CategoryPair> Pairs { get; init; }

    /// <summary>Null where only ranges and categories are looked at.</summary>
    public ForestDocument? Forest { get; init; }

    internal void Write(Stream stream) => JsonSerializer.Serialize(stream, this, OutlierJson.Default.OutlierDocument);

    /// <exception cref="InvalidDataException">It is not what was expected, or newer than this program.</exception>
    internal static OutlierDocument Read(Stream stream)
    {
        var document = JsonSerializer.Deserialize(stream, OutlierJson.Default.OutlierDocument) ?? throw new InvalidDataException($"{FileName} is empty");
        return document.SchemaVersion <= KnownSchemaVersion ? document
            : throw new InvalidDataException($"{FileName} has schemaVersion {document.SchemaVersion}; this program knows up to {KnownSchemaVersion}: update it");
    }
}

/// <summary>An isolation forest; see <see cref="IsolationForest"/> for the nodes.</summary>
/// <param name="Threshold">Score that <see cref="OutlierDocument.Contamination"/> of the training rows exceed.</param>
public sealed record ForestDocument(int Sample, double Threshold, ForestInput Input, int[] Features, float[] Cuts, int[] Children, int[] Roots);

/// <summary>Generated at build time, as the rest of what a server reads at its start.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(OutlierDocument))]
internal sealed partial class OutlierJson : JsonSerializerContext;
