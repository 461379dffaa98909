using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Web;

namespace Serverless.Functions;

/// <summary>Predictions, with a key of their own: it opens nothing else.</summary>
public sealed class Predict(ApiPipeline api)
{
    [Function(nameof(Predict))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/models/{model}/predict")] HttpRequest request) => api;
}
