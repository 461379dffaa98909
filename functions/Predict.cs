using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Web;

namespace Serverless.Functions;

/// <summary>Predictions by the three protocols, with keys of their own: they open nothing else.</summary>
public sealed class Predict(ApiPipeline api)
{
    // The host tries routes in the order of the functions' names: the open probes below v2 have to come before this one ("HealthV2").
    [Function("Infer")]
    public IResult Infer([HttpTrigger(AuthorizationLevel.Function, "get", "post", Route = "v2/{*path}")] HttpRequest request) => api;

    [Function("Invocations")]
    public IResult Invocations([HttpTrigger(AuthorizationLevel.Function, "post", Route = "invocations")] HttpRequest request) => api;

    [Function("InvocationsOfModel")]
    public IResult InvocationsOfModel([HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/models/{model}/invocations")] HttpRequest request) => api;

    [Function(nameof(Predict))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/models/{model}/predict")] HttpRequest request) => api;
}
