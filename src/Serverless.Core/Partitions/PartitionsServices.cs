using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;

namespace Serverless.Partitions;

public static class PartitionsServices
{
    /// <summary>Adds what brings drops into the history of a dataset: checks, history, ingest.</summary>
    public static IServiceCollection AddPartitions(this IServiceCollection services) => services.AddChecks();
}
