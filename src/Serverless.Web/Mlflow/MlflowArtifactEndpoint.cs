using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Serverless.Storage;
using Serverless.Web.Access;

namespace Serverless.Web.Mlflow;

/// <summary>MLflow's artifact proxy, <c>/api/2.0/mlflow-artifacts/artifacts</c>: its clients put files of their runs, and read them and ours.</summary>
internal sealed class MlflowArtifactEndpoint(AccessGate gate, IObjectStore objects, ILogger<MlflowArtifactEndpoint> logger)
{
    private const long MostBytes = 2L << 30;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            if (await gate.RefusalAsync(context, Scope.Operate).ConfigureAwait(false) is { } refusal)
            {
                await MlflowEndpoint.RefuseAsync(context, refusal).ConfigureAwait(false);
                return;
            }

            var path = (string?)context.Request.RouteValues["path"] ?? "";
            await (context.Request.Method switch
            {
                "GET" when path.Length == 0 => ListAsync(context),
                "GET" => SendAsync(context, path),
                "PUT" => StoreAsync(context, path),
                "DELETE" => DeleteAsync(context, path),
                _ => MlflowEndpoint.FailAsync(context, StatusCodes.Status405MethodNotAllowed, "ENDPOINT_NOT_FOUND", $"{context.Request.Method} is not a method of artifacts"),
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            await MlflowFailure.WriteAsync(context, e, logger).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller is gone: nobody to answer.
            return;
        }
    }

    private async Task ListAsync(HttpContext context)
    {
        var root = context.Request.Query["path"] is [{ Length: > 0 } text] ? text : throw MlflowException.Invalid("Missing value for required parameter 'path'.");
        var files = await MlflowArtifacts.ListAsync(objects, root, null, context.RequestAborted).ConfigureAwait(false);
        await MlflowEndpoint.WriteAsync(context, StatusCodes.Status200OK, new { Files = files }).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpContext context, string path)
    {
        var key = MlflowArtifacts.Key(path, write: false);
        await using var stream = await objects.OpenReadAsync(key, context.RequestAborted).ConfigureAwait(false) ?? throw MlflowException.Missing($"No such artifact: {path}");
        context.Response.ContentType = "application/octet-stream";
        // Files of others must not be shown as pages of this server.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentDisposition = "attachment";
        await stream.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task StoreAsync(HttpContext context, string path)
    {
        var key = MlflowArtifacts.Key(path, write: true);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MostBytes;
        await objects.PutAsync(key, context.Request.Body, context.RequestAborted).ConfigureAwait(false);
        await MlflowEndpoint.WriteAsync(context, StatusCodes.Status200OK, new { }).ConfigureAwait(false);
    }

    private async Task DeleteAsync(HttpContext context, string path)
    {
        var key = MlflowArtifacts.Key(path, write: true);
        await objects.DeleteAsync(key, context.RequestAborted).ConfigureAwait(false);
        await foreach (var item in objects.ListAsync(key + "/", cancel: context.RequestAborted).ConfigureAwait(false)) await objects.DeleteAsync(item.Key, context.RequestAborted).ConfigureAwait(false);
        await MlflowEndpoint.WriteAsync(context, StatusCodes.Status200OK, new { }).ConfigureAwait(false);
    }
}
