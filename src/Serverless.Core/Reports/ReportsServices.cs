using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Profiles;

namespace Serverless.Reports;

public static class ReportsServices
{
    public static IServiceCollection AddReports(this IServiceCollection services)
    {
        services.TryAddSingleton<WindowProfiles>();
        services.TryAddSingleton<IDatasetReports, DatasetReports>();
        return services;
    }
}
