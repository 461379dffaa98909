using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Runs;

namespace Serverless.Erasure;

public static class ErasureServices
{
    public static IServiceCollection AddErasure(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRowHolder, QuarantinedRows>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRowHolder, LoggedPredictions>());
        services.TryAddSingleton<RowSearch>();
        services.TryAddSingleton<IEraser, Eraser>();
        services.AddRun<EraseState, EraseRun>();
        return services;
    }
}
