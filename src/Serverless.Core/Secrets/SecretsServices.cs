using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serverless.Secrets;

public static class SecretsServices
{
    /// <summary>References to secrets of the environment. A store of another kind is one <see cref="ISecretStore"/> more.</summary>
    public static IServiceCollection AddSecrets(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISecretStore, EnvironmentSecrets>());
        services.TryAddSingleton<SecretReader>();
        return services;
    }
}
