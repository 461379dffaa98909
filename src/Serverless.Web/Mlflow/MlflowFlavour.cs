using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Serverless.Web.Mlflow;

/// <summary>
/// An <c>MLmodel</c> file beside a model.zip, where MLflow's lightgbm flavour can load what is in it: a LightGBM model whose features are plain numbers. It then takes the features, in their order and with
/// missing ones filled, not the raw columns. Other models need the product itself.
/// </summary>
internal static class MlflowFlavour
{
    private const string Format = "lightgbm";

    /// <summary>False when there is none for this model.</summary>
    public static bool Write(string folder, string run)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(folder, "model.zip"));
        using var pipeline = Pipeline(zip);
        var root = pipeline.RootElement;
        if (root.GetProperty("predictor").GetString() != Format || !root.GetProperty("features").GetProperty("features").EnumerateArray().All(Plain)) return false;
        var entry = zip.Entries.FirstOrDefault(e => e.FullName.EndsWith(".txt", StringComparison.Ordinal));
        if (entry is null) return false;
        using (var stream = entry.Open())
        using (var file = File.Create(Path.Combine(folder, "model.lgb"))) stream.CopyTo(file);
        File.WriteAllText(Path.Combine(folder, "MLmodel"), $"""
            artifact_path: model
            flavors:
              lightgbm:
                code: null
                data: model.lgb
                model_class: lightgbm.basic.Booster
            run_id: {run}

            """, new UTF8Encoding(false));
        return true;
    }

    private static JsonDocument Pipeline(ZipArchive zip)
    {
        using var stream = zip.GetEntry("pipeline.json")!.Open();
        return JsonDocument.Parse(stream);
    }

    // Its number goes into the trees as it is; only a missing one is filled.
    private static bool Plain(JsonElement slot) => slot.EnumerateObject().All(p => p.Name is "name" or "from" or "fill"
        || p.Name == "encode" && p.Value.ValueKind == JsonValueKind.String && p.Value.GetString() is ("number" or "auto") || p.Value.ValueKind is JsonValueKind.Null or JsonValueKind.False);
}
