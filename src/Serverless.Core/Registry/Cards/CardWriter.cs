using System.Text;
using System.Text.Json;
using Serverless.Profiles;
using Serverless.Storage;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Registry.Cards;

/// <summary>Gathers what is recorded about a version.</summary>
internal sealed class CardWriter(IObjectStore objects, Workspace workspace)
{
    /// <summary>The card that is stored with a version: what is known when it is registered, and no more changed.</summary>
    public async Task<byte[]> AtRegistrationAsync(ModelVersion version, CancellationToken cancel) =>
        Encoding.UTF8.GetBytes(CardMarkdown.Write(CardBuilder.Build(await ContentAsync(version, cancel))));

    public async Task<CardContent> ContentAsync(ModelVersion version, CancellationToken cancel)
    {
        workspace.Models.TryGetValue(version.Model, out var definition);
        workspace.Datasets.TryGetValue(version.Lineage.Dataset, out var dataset);
        return new CardContent
        {
            Version = version, Definition = definition, Dataset = dataset, Training = await ReadAsync<TrainingResult>($"{StoreNames.Containers.Runs}/{version.Run}/training.json", cancel),
            Profile = version.Reference is { } reference ? await ReadAsync<Profile>(reference.ProfilePath, cancel) : null,
        };
    }

    // What cannot be read is a fact that is absent: a card is made of the others.
    private async Task<T?> ReadAsync<T>(string key, CancellationToken cancel) where T : class
    {
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return null;
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(stream, ServerlessJson.Options, cancel);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
