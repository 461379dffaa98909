using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Azure.Signing;
using Serverless.Azure.Sources;
using Serverless.Rollouts;
using Serverless.Sources;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Azure;

public static class AzureServices
{
    /// <summary>
    /// The three ports on Blob, Queue and Table Storage of one account: by its name with the machine's identity, or by an environment variable that holds a
    /// connection string. Containers, queues and tables are made by the deployment (or by <see cref="AzureStore.EnsureCreatedAsync"/>); on an emulator at first use.
    /// </summary>
    public static IServiceCollection AddAzureStorage(this IServiceCollection services, StorageSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(IdSource.System);
        services.AddSingleton(_ => AzureStore.Create(settings));
        services.AddKeyVaultSigning();
        services.AddSingleton<BlobCache>();
        services.AddSingleton<IObjectStore, BlobObjectStore>();
        services.AddSingleton<IRecordStore, TableRecordStore>();
        services.AddSingleton<IWorkQueue, QueueWorkQueue>();
        if (settings.AppConfiguration is { } flags)
        {
            services.TryAddSingleton<IFlagStore>(p => new AppConfigurationFlags(
                new Uri($"https://{flags}.azconfig.io"), new DefaultAzureCredential(), new BlobClientOptions { Retry = { MaxRetries = 2, NetworkTimeout = TimeSpan.FromSeconds(10) } }, p.GetRequiredService<TimeProvider>()));
        }

        services.TryAddSingleton<IFlagStore, ObjectFlagStore>();
        return services;
    }

    /// <summary>Reads sources of kind <c>container</c>, whatever the store is.</summary>
    public static IServiceCollection AddAzureSources(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISourceReader, ContainerReader>());
        return services;
    }
}
