using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Web.Access;
using Serverless.Web.Answers;
using Serverless.Web.Predict.Invocations;
using Serverless.Web.Predict.OpenInference;

namespace Serverless.Web.Predict;

/// <summary>The addresses of the three protocols.</summary>
internal static class PredictRoutes
{
    public static void Map(Mapping map)
    {
        map.Post("/v1/models/{model}/predict", Scope.Predict, map.On<PredictEndpoint>(e => e.With(RowsProtocol.Shared)));
        OpenInference(map);
        Invocations(map);
    }

    private static void OpenInference(Mapping map)
    {
        IRefusals Refusals() => map.Routes.ServiceProvider.GetRequiredService<OpenInferenceProtocol>();
        var infer = With<OpenInferenceProtocol>(map);
        map.Get("/v2/health/live", Scope.Open, () => OpenInferenceEndpoints.LiveAsync, Refusals);
        map.Get("/v2/health/ready", Scope.Open, map.On<OpenInferenceEndpoints>(e => e.ReadyAsync), Refusals);
        map.Get("/v2", Scope.Predict, () => OpenInferenceEndpoints.ServerAsync, Refusals);
        foreach (var model in new[] { "/v2/models/{model}", "/v2/models/{model}/versions/{version}" })
        {
            map.Get(model, Scope.Predict, map.On<OpenInferenceEndpoints>(e => e.ModelAsync), Refusals);
            map.Get(model + "/ready", Scope.Predict, map.On<OpenInferenceEndpoints>(e => e.ModelReadyAsync), Refusals);
            map.Post(model + "/infer", Scope.Predict, infer, Refusals);
        }
    }

    private static void Invocations(Mapping map)
    {
        IRefusals Refusals() => map.Routes.ServiceProvider.GetRequiredService<InvocationsProtocol>();
        var invoke = With<InvocationsProtocol>(map);
        map.Post("/invocations", Scope.Predict, invoke, Refusals);
        map.Post("/v1/models/{model}/invocations", Scope.Predict, invoke, Refusals);
        map.Get("/ping", Scope.Open, map.On<InvocationsEndpoints>(e => e.PingAsync), Refusals);
        map.Get("/health", Scope.Open, map.On<InvocationsEndpoints>(e => e.PingAsync), Refusals);
        map.Get("/version", Scope.Predict, () => InvocationsEndpoints.VersionAsync, Refusals);
    }

    private static Func<RequestDelegate> With<T>(Mapping map) where T : notnull, IPredictProtocol =>
        () => map.Routes.ServiceProvider.GetRequiredService<PredictEndpoint>().With(map.Routes.ServiceProvider.GetRequiredService<T>());
}
