using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Registry;
using Serverless.Storage;

namespace Serverless.Monitoring;

/// <summary>References in the store: first below <c>runs/&lt;run&gt;/</c>, until the gate has decided, then beside the version.</summary>
internal sealed class ReferenceStore(IObjectStore objects, IDataEngine engine, IDatasetHistory history)
{
    public const string FileName = "reference.parquet";
    public const string ProfileName = "reference.profile.json";

    /// <summary>Puts the reference where the registry takes it from. A repeated training puts it again.</summary>
    public async Task StageAsync(string run, Table rows, Profile profile, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("serverless-reference-").FullName;
        try
        {
            var file = Path.Combine(folder, FileName);
            await engine.WriteAsync(file, rows, cancel);
            await using (var content = File.OpenRead(file)) await objects.PutAsync(Staged(run).RowsKey, content, cancel);
            await objects.PutAsync(Staged(run).ProfileKey, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(profile, ServerlessJson.Options)), cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static StagedReference Staged(string run) =>
        new($"{StoreNames.Containers.Runs}/{run}/{FileName}", $"{StoreNames.Containers.Runs}/{run}/{ProfileName}");

    /// <summary>What was staged, or null: a run of before references were kept, or one that came here before.</summary>
    public async Task<StagedReference?> FindStagedAsync(string run, CancellationToken cancel) =>
        await objects.HeadAsync(Staged(run).RowsKey, cancel) is not null && await objects.HeadAsync(Staged(run).ProfileKey, cancel) is not null ? Staged(run) : null;

    /// <summary>The rows are with the version now, or are wanted by nobody.</summary>
    public async Task UnstageAsync(string run, CancellationToken cancel)
    {
        await objects.DeleteAsync(Staged(run).RowsKey, cancel);
        await objects.DeleteAsync(Staged(run).ProfileKey, cancel);
    }

    /// <summary>The rows of a version's reference on this machine.</summary>
    /// <exception cref="DataException">It has none, or it is missing or damaged.</exception>
    public async Task<LocalObject> OpenAsync(ModelVersion version, CancellationToken cancel)
    {
        var name = $"version {version.Version} of model '{version.Model}'";
        if (version.Reference is not { } reference)
        {
            throw new DataException($"{name} has no reference to compare with: it was registered before references were kept. Train it again (serverless-ml train {version.Model}).");
        }

        LocalObject file;
        try
        {
            file = await objects.MaterialiseAsync(reference.Path, cancel);
        }
        catch (ObjectMissingException e)
        {
            throw new DataException($"the reference of {name} is missing: the store has no '{reference.Path}'. Train it again (serverless-ml train {version.Model}).", e);
        }

        try
        {
            await using var stream = File.OpenRead(file.Path);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel));
            if (hash != reference.Sha256 && !await ErasedAsync(version, cancel))
            {
                throw new DataException($"the reference of {name} is damaged: '{reference.Path}' has SHA-256 {hash[..12]}..., registered was {reference.Sha256[..12]}... Train it again (serverless-ml train {version.Model}).");
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Erasure is the one thing that may change it.
    private async Task<bool> ErasedAsync(ModelVersion version, CancellationToken cancel) =>
        (await history.CommitsAsync(version.Lineage.Dataset, cancel)).Any(c => c.Erasures.Count > 0 && c.Version > version.Lineage.DatasetVersion);
}
