using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Serverless.Web.Predict;

namespace Serverless.Web;

/// <summary>
/// The whole API as one result, for a host that receives requests by itself and hands over the context: a function returns it, and the address of the request decides what
/// is answered. Routing is done afresh: what the host's own routing found (its catch-all, its route values) does not count.
/// </summary>
public sealed class ApiPipeline : IResult
{
    private readonly RequestDelegate pipeline;

    /// <summary>Needs the services of <see cref="WebServices.AddServerlessWeb"/>, <c>AddServerless</c> and a store.</summary>
    public ApiPipeline(IServiceProvider services)
    {
        var app = new ApplicationBuilder(services);
        app.UsePredictions();
        app.UseRouting();
        app.UseEndpoints(endpoints => endpoints.MapServerless());
        pipeline = app.Build();
    }

    /// <summary>Answers the request; 404 for an address that the API does not have.</summary>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.SetEndpoint(null);
        httpContext.Request.RouteValues.Clear();
        return pipeline(httpContext);
    }
}
