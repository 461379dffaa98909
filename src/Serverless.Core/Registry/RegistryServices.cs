using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Registry.Cards;
using Serverless.Registry.Signing;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Registry;

public static class RegistryServices
{
    /// <summary>Immutable model versions, the champion alias and its audit.</summary>
    public static IServiceCollection AddRegistry(this IServiceCollection services)
    {
        services.TryAddSingleton<AliasMoves>();
        services.TryAddSingleton(p => p.GetRequiredService<Workspace>().Signing);
        services.TryAddSingleton(p => SigningKeys.Signer(p.GetRequiredService<Workspace>(), p.GetRequiredService<IdSource>()));
        services.TryAddSingleton<TrustedKeys>();
        services.TryAddSingleton<ModelSigning>();
        services.TryAddSingleton<VersionFiles>();
        services.TryAddSingleton<SignatureSignals>();
        services.TryAddSingleton<CardWriter>();
        services.TryAddSingleton<IModelCards, ModelCards>();
        services.TryAddSingleton<IModelRegistry, ModelRegistry>();
        services.TryAddSingleton<IVersionSigning, VersionSigning>();
        return services;
    }
}
