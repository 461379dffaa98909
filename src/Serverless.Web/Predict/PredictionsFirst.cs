using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Web.Access;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict;

/// <summary>
/// <c>POST /v1/models/{model}/predict</c> before routing. It is the address that is asked thousands of times a second, and the first after a start: neither waits for the table of all addresses.
/// Any other spelling that routing understands (letters, a slash at the end) is left to it, with the same answer; what it does not understand gets its 404 in words.
/// </summary>
public static class PredictionsFirst
{
    private const string Before = "/v1/models/", After = "/predict", Route = Before + "{model}" + After;

    // Telemetry names requests by their route.
    private static readonly Endpoint Here = new(null, new EndpointMetadataCollection(new Diagnostics()), Route);

    /// <summary>Belongs before <c>UseRouting</c>; needs the services of <see cref="WebServices.AddServerlessWeb"/>.</summary>
    public static IApplicationBuilder UsePredictions(this IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        RequestDelegate? made = null;
        var predict = services.GetRequiredService<Guard>().Wrap(Scope.Predict, context => (made ??= services.GetRequiredService<PredictEndpoint>().With(RowsProtocol.Shared))(context));
        return app.Use(next => context => Model(context.Request) is { } model ? predict(Found(context, model)) : UnknownAddress.AfterAsync(context, next(context)));
    }

    private static string? Model(HttpRequest request)
    {
        var path = request.Path.Value;
        if (path is null || path.Length <= Before.Length + After.Length || !path.StartsWith(Before, StringComparison.Ordinal) || !path.EndsWith(After, StringComparison.Ordinal)) return null;
        var model = path.AsSpan(Before.Length, path.Length - Before.Length - After.Length);
        return model.Contains('/') || !HttpMethods.IsPost(request.Method) ? null : model.ToString();
    }

    private static HttpContext Found(HttpContext context, string model)
    {
        context.SetEndpoint(Here);
        context.Request.RouteValues["model"] = model;
        return context;
    }

    private sealed class Diagnostics : IRouteDiagnosticsMetadata
    {
        public string Route => PredictionsFirst.Route;
    }
}
