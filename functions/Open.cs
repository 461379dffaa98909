using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Web;

namespace Serverless.Functions;

/// <summary>What anybody may see: that the service lives, how it is called, and the pages, which hold no data until a key is given.</summary>
public sealed class Open(ApiPipeline api)
{
    [Function("Health")]
    public IResult Health([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/{probe}")] HttpRequest request) => api;

    [Function("HealthV2")]
    public IResult HealthV2([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v2/health/{probe}")] HttpRequest request) => api;

    [Function("HealthOfMlflow")]
    public IResult HealthOfMlflow([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request) => api;

    [Function("Ping")]
    public IResult Ping([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "ping")] HttpRequest request) => api;

    [Function("OpenApi")]
    public IResult OpenApi([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi/{document}")] HttpRequest request) => api;

    [Function("Docs")]
    public IResult Docs([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "docs/{*path}")] HttpRequest request) => api;

    [Function("Assets")]
    public IResult Assets([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "assets/{file}")] HttpRequest request) => api;

    [Function("Icon")]
    public IResult Icon([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "favicon.ico")] HttpRequest request) => api;

    // An empty route would become the function's name, hence a parameter that is never there.
    [Function("Home")]
    public IResult Home([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "{nothing:maxlength(0)?}")] HttpRequest request) => api;
}
