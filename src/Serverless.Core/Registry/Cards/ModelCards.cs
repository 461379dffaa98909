using Serverless.Problems;

namespace Serverless.Registry.Cards;

/// <summary>Cards of registered versions as they are now: with every decision since, and whether the signature is good.</summary>
public interface IModelCards
{
    /// <exception cref="RequestException">There is no such version.</exception>
    Task<ModelCard> CardAsync(string model, int version, CancellationToken cancel = default);
}

/// <inheritdoc cref="IModelCards"/>
internal sealed class ModelCards(IModelRegistry registry, CardWriter writer) : IModelCards
{
    public async Task<ModelCard> CardAsync(string model, int version, CancellationToken cancel = default)
    {
        var found = await registry.ManifestAsync(model, version, cancel) ?? throw new RequestException($"model '{model}' has no version {version}");
        var champion = await registry.AliasAsync(model, Alias.Champion, cancel);
        var audit = await registry.AuditAsync(model, cancel);
        return CardBuilder.Build(await writer.ContentAsync(found, cancel) with
        {
            Champion = champion == version, Audit = [.. audit.Where(a => a.Version == version || a.From == version)], Signature = await SignatureAsync(model, version, cancel),
        });
    }

    private async Task<string> SignatureAsync(string model, int version, CancellationToken cancel)
    {
        try
        {
            return await registry.VerifyAsync(model, version, cancel) is { } key ? $"good, by the key {key}" : "none";
        }
        catch (DataException e)
        {
            return e.Message;
        }
    }
}
