using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Web;

namespace Serverless.Functions;

/// <summary>
/// The rest of the API. The host tries routes in the order of the functions' names, not by how exact they are: this name has to stay behind those of all others with
/// an HTTP trigger.
/// </summary>
public sealed class WebApi(ApiPipeline api)
{
    [Function(nameof(WebApi))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Function, Route = "{*path}")] HttpRequest request) => api;
}
