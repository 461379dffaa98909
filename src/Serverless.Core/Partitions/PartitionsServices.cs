using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Partitions;

public static class PartitionsServices
{
    public static IServiceCollection AddPartitions(this IServiceCollection services) => services;
}
