using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Runs;

namespace Serverless.Replay;

public static class ReplayServices
{
    public static IServiceCollection AddReplay(this IServiceCollection services)
    {
        services.TryAddSingleton<QuarantineClaims>();
        services.AddRun<ReplayState, ReplayRun>();
        return services;
    }
}
