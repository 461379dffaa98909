using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Erasure;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Training;

namespace Serverless.Monitoring;

/// <summary>The samples kept with model versions that learned from the dataset, and those that wait in runs of training.</summary>
internal sealed class ReferenceRows(IObjectStore objects, IModelRegistry registry, ReferenceProfiles profiles) : IRowHolder
{
    public string Name => "references";

    public RowForm Form => RowForm.Typed;

    public async IAsyncEnumerable<string> FilesAsync(string dataset, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        foreach (var version in await VersionsAsync(dataset, cancel)) yield return version.Reference!.Path;
        await foreach (var found in objects.ListAsync($"{StoreNames.Containers.Runs}/train-", cancel: cancel))
        {
            if (found.Key.EndsWith("/" + ReferenceStore.FileName, StringComparison.Ordinal) && await IsOfAsync(found.Key, dataset, cancel)) yield return found.Key;
        }
    }

    public async Task ForgetAsync(string dataset, IReadOnlyCollection<string> partitions, CancellationToken cancel = default)
    {
        foreach (var version in await VersionsAsync(dataset, cancel))
        {
            if (!version.Lineage.Partitions.Any(partitions.Contains)) continue;
            var profile = await profiles.OfAsync(version.Lineage, cancel);
            await objects.PutAsync(version.Reference!.ProfilePath, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(profile, ServerlessJson.Options)), cancel);
        }
    }

    private async Task<IReadOnlyList<ModelVersion>> VersionsAsync(string dataset, CancellationToken cancel)
    {
        var found = new List<ModelVersion>();
        foreach (var model in await registry.ModelsAsync(cancel))
        {
            found.AddRange((await registry.VersionsAsync(model, cancel)).Where(v => v.Lineage.Dataset == dataset && v.Reference is not null));
        }

        return found;
    }

    // A run that died between its sample and its result is of a dataset that nobody wrote down; it is searched too, since a column that is not there is no row.
    private async Task<bool> IsOfAsync(string key, string dataset, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(key[..^ReferenceStore.FileName.Length] + "training.json", cancel);
        if (stream is null) return true;
        var result = await JsonSerializer.DeserializeAsync<TrainingResult>(stream, ServerlessJson.Options, cancel);
        return result?.Lineage.Dataset == dataset;
    }
}
