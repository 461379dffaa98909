using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Alerts;

namespace Serverless.Arrival;

public static class ArrivalServices
{
    /// <summary>Watches whether the data that were promised come, and what models say while they do not.</summary>
    public static IServiceCollection AddArrival(this IServiceCollection services)
    {
        services.AddAlerts();
        services.TryAddSingleton<ArrivalRecords>();
        services.TryAddSingleton<IArrivals, ArrivalWatch>();
        services.TryAddSingleton<DataNotes>();
        return services;
    }
}
