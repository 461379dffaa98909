using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Training;

/// <summary>What a train run leaves below <c>runs/&lt;run&gt;/</c>. The result is put last: where it is, everything is.</summary>
internal sealed class CandidateStore(IObjectStore objects)
{
    private const int KnownSchemaVersion = 1;

    public async Task PutAsync(TrainingResult result, byte[] model, CancellationToken cancel)
    {
        await objects.PutAsync(Key(result.Run, "model.zip"), new MemoryStream(model), cancel);
        await objects.PutAsync(Key(result.Run, "metrics.json"), Json(result.Metrics), cancel);
        await objects.PutAsync(Key(result.Run, "training.json"), Json(result), cancel);
    }

    /// <summary>Keeps the files that define the model and its data, so that a workspace that changes later does not matter.</summary>
    public async Task PutDefinitionAsync(string run, Workspace workspace, string model, CancellationToken cancel)
    {
        var file = workspace.Model(model).File;
        var sources = workspace.Sources.Where(s => s.Key == file || !s.Key.StartsWith("models/", StringComparison.Ordinal)).ToDictionary(s => s.Key, s => s.Value);
        if (sources.Count > 0) await objects.PutAsync(Key(run, "definition.json"), Json(new RunSources { File = file, Hash = workspace.Hash, Sources = sources }), cancel);
    }

    /// <summary>The files that defined the run's model; null in runs of older versions.</summary>
    public async Task<RunSources?> DefinitionAsync(string run, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(Key(run, "definition.json"), cancel);
        if (stream is null) return null;
        var found = await JsonSerializer.DeserializeAsync<RunSources>(stream, ServerlessJson.Options, cancel);
        return found is { SchemaVersion: <= KnownSchemaVersion } ? found
            : throw new EnvironmentException($"'{Key(run, "definition.json")}' has schemaVersion {found?.SchemaVersion}; this program knows up to {KnownSchemaVersion}: update it");
    }

    /// <summary>What an earlier attempt at the run found, or null.</summary>
    public async Task<TrainingResult?> FindAsync(string run, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(Key(run, "training.json"), cancel);
        if (stream is null) return null;
        var result = await JsonSerializer.DeserializeAsync<TrainingResult>(stream, ServerlessJson.Options, cancel);
        return result is { SchemaVersion: <= KnownSchemaVersion } ? result
            : throw new EnvironmentException($"'{Key(run, "training.json")}' has schemaVersion {result?.SchemaVersion}; this program knows up to {KnownSchemaVersion}: update it");
    }

    public async Task<TrainingResult> RequireAsync(string run, CancellationToken cancel) =>
        await FindAsync(run, cancel) ?? throw new DataException($"'{Key(run, "training.json")}' is gone from the store; train again");

    public async Task<byte[]> ModelAsync(string run, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(Key(run, "model.zip"), cancel) ?? throw new DataException($"'{Key(run, "model.zip")}' is gone from the store; train again");
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, cancel);
        return buffer.ToArray();
    }

    private static MemoryStream Json<T>(T value) => new(JsonSerializer.SerializeToUtf8Bytes(value, ServerlessJson.Indented));

    private static string Key(string run, string file) => $"{StoreNames.Containers.Runs}/{run}/{file}";
}
