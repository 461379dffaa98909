using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serverless.Incidents;

public static class IncidentsServices
{
    public static IServiceCollection AddIncidents(this IServiceCollection services)
    {
        services.TryAddSingleton<IncidentRecords>();
        services.TryAddSingleton<IIncidents>(s => s.GetRequiredService<IncidentRecords>());
        services.TryAddSingleton<IncidentWatch>();
        return services;
    }
}
