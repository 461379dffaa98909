using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Checks;
using Serverless.Runs;

namespace Serverless.Partitions;

public static class PartitionsServices
{
    /// <summary>Adds what brings drops into the history of a dataset and reads it back: checks, history, inbox, the ingest run, reader and inspector.</summary>
    public static IServiceCollection AddPartitions(this IServiceCollection services)
    {
        services.AddChecks();
        services.TryAddSingleton<IDatasetHistory, DatasetHistory>();
        services.TryAddSingleton<DropAnnouncements>();
        services.TryAddSingleton<IDropInbox, DropInbox>();
        services.AddRun<IngestState, IngestRun>();
        services.TryAddSingleton<IPartitionReader, PartitionReader>();
        services.TryAddSingleton<IDatasetInspector, DatasetInspector>();
        services.TryAddSingleton<Profiles.IDatasetProfiles, Profiles.DatasetProfiles>();
        return services;
    }
}
