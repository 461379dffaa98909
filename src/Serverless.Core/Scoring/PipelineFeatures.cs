using System.Text.Json;
using Serverless.Problems;
using Serverless.Registry;

namespace Serverless.Scoring;

/// <summary>The features of a model.zip by name and expression, for people.</summary>
internal static class PipelineFeatures
{
    /// <exception cref="DataException">It is no model.zip that can be read.</exception>
    public static IReadOnlyList<ManifestFeature> Of(byte[] artefact)
    {
        try
        {
            return Read(artefact);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new DataException($"model.zip is damaged: {e.Message}", e);
        }
    }

    private static List<ManifestFeature> Read(byte[] artefact)
    {
        using var archive = new ModelArchive(new MemoryStream(artefact));
        using var stream = archive.Open("pipeline.json");
        using var document = JsonDocument.Parse(stream);
        var found = new List<ManifestFeature>();
        foreach (var slot in document.RootElement.GetProperty("features").GetProperty("features").EnumerateArray())
        {
            // Several slots may be of one feature of the model file.
            var name = slot.TryGetProperty("feature", out var feature) && feature.ValueKind == JsonValueKind.String ? feature.GetString()! : slot.GetProperty("name").GetString()!;
            if (found.Count == 0 || found.TrueForAll(f => f.Name != name)) found.Add(new ManifestFeature(name, slot.TryGetProperty("from", out var from) ? from.GetString() ?? "" : ""));
        }

        return found;
    }
}
