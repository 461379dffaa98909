using System.Reflection;
using Microsoft.AspNetCore.Http;
using Serverless.Scoring;

namespace Serverless.Web.Predict.Invocations;

/// <summary>The small routes of MLflow's scoring server: <c>/ping</c>, <c>/health</c>, <c>/version</c>.</summary>
internal sealed class InvocationsEndpoints(IModelHost models)
{
    private static readonly string Version =
        typeof(InvocationsEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>200 once every champion can answer.</summary>
    public Task PingAsync(HttpContext context)
    {
        context.Response.StatusCode = models.Status().All(s => s.Ready) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return TextAsync(context, "\n");
    }

    /// <summary>This server's version: MLflow's client only looks whether there is one.</summary>
    public static Task VersionAsync(HttpContext context) => TextAsync(context, Version);

    private static Task TextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
