using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry.Signing;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Azure.Signing;

public static class SigningServices
{
    /// <summary>Signs in Key Vault where the workspace or the deployment names a key of it; elsewhere as before.</summary>
    public static IServiceCollection AddKeyVaultSigning(this IServiceCollection services) => services.AddSingleton<IModelSigner>(p =>
        SigningKeys.Of(p.GetRequiredService<Workspace>()).Vault is { } key ? new KeyVaultSigner(key, new DefaultAzureCredential(), new VaultOptions())
        : SigningKeys.Signer(p.GetRequiredService<Workspace>(), p.GetRequiredService<IdSource>()));

    private sealed class VaultOptions : ClientOptions;
}
