using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Alerts;
using Serverless.Arrival;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Secrets;

namespace Serverless.Sources;

public static class SourcesServices
{
    /// <summary>The pull run, its limits and its schedule. Readers of HTTP and SQL come with Serverless.Sources, of containers with Azure, of joins with the data engine.</summary>
    public static IServiceCollection AddSources(this IServiceCollection services)
    {
        services.AddAlerts();
        services.AddArrival();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISourceReader, FolderReader>());
        services.AddSecrets();
        services.TryAddSingleton<SourceCatalogue>();
        services.TryAddSingleton<SourceRecords>();
        services.TryAddSingleton<ISourceLimits, SourceLimits>();
        services.TryAddSingleton<PulledDrops>();
        services.TryAddSingleton<DropAnnouncements>();
        services.TryAddSingleton<ISourceStates, SourceStates>();
        services.TryAddSingleton<IPullScheduler, PullScheduler>();
        return services.AddRun<PullState, PullRun>();
    }
}
