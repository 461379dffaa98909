using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Partitions;

namespace Serverless.DuckDb;

public static class DuckDbServices
{
    /// <summary>Adds DuckDB as the data engine.</summary>
    public static IServiceCollection AddDuckDb(this IServiceCollection services)
    {
        services.TryAddSingleton<IDataEngine, DuckDbEngine>();
        return services;
    }
}
