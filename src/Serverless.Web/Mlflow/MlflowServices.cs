using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Serverless.Web.Mlflow;

internal static class MlflowServices
{
    /// <summary>Runs and models as MLflow's clients see them, and what they log.</summary>
    public static IServiceCollection AddMlflow(this IServiceCollection services)
    {
        services.TryAddSingleton<MlflowTracking>();
        services.TryAddSingleton<OwnRuns>();
        services.TryAddSingleton<MlflowRegistry>();
        services.TryAddSingleton<IMlflowExport, MlflowExport>();
        services.TryAddSingleton<MlflowTrackingApi>();
        services.TryAddSingleton<MlflowModelsApi>();
        services.TryAddSingleton<MlflowLoggedModels>();
        services.TryAddSingleton<MlflowLoggedModelsApi>();
        services.TryAddSingleton<MlflowEndpoint>();
        services.TryAddSingleton<MlflowArtifactEndpoint>();
        return services;
    }

    /// <summary>Two routes for all of it: each one more would be compiled at a cold start's first prediction.</summary>
    public static void Map(Mapping map)
    {
        RequestDelegate? calls = null, artifacts = null;
        map.Routes.Map("/api/2.0/mlflow/{**call}", context => (calls ??= map.On<MlflowEndpoint>(e => e.InvokeAsync)())(context));
        map.Routes.Map("/api/2.0/mlflow-artifacts/artifacts/{**path}", context => (artifacts ??= map.On<MlflowArtifactEndpoint>(e => e.InvokeAsync)())(context));
    }
}
