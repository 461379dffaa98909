using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Problems;
using Serverless.Web.Access;

namespace Serverless.Web.Mlflow;

/// <summary>
/// MLflow's REST API 2.0 below <c>/api/2.0/mlflow/</c>: the part that its client needs to log and read runs, and to read, tag and move models. One route for all of it, because every route more is
/// compiled at the first prediction of a cold start. Refusals have MLflow's form: <c>{"error_code", "message"}</c>.
/// </summary>
internal sealed class MlflowEndpoint(AccessGate gate, MlflowTrackingApi tracking, MlflowModelsApi models, MlflowLoggedModelsApi logged, ILogger<MlflowEndpoint> logger)
{
    private readonly Dictionary<string, MlflowCall> calls = tracking.Calls.Concat(models.Calls).ToDictionary(StringComparer.Ordinal);

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            var call = (string?)context.Request.RouteValues["call"] ?? "";
            if (!calls.TryGetValue($"{context.Request.Method} {call}", out var found)) found = logged.Find(context.Request.Method, call);
            if (await gate.RefusalAsync(context, found?.Scope ?? Scope.Operate).ConfigureAwait(false) is { } refusal)
            {
                await RefuseAsync(context, refusal).ConfigureAwait(false);
                return;
            }

            if (found is null)
            {
                await FailAsync(context, StatusCodes.Status404NotFound, "ENDPOINT_NOT_FOUND", $"{context.Request.Method} {context.Request.Path} is not one of the parts of MLflow's API that this server has; see docs/mlflow.md").ConfigureAwait(false);
                return;
            }

            using var request = await MlflowRequest.ReadAsync(context, AccessGate.Caller(context)).ConfigureAwait(false);
            await WriteAsync(context, StatusCodes.Status200OK, await found.Run(request, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
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

    internal static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        refusal.WriteHeaders(context.Response);
        return FailAsync(context, refusal.Status, refusal.Status switch
        {
            StatusCodes.Status401Unauthorized => "UNAUTHENTICATED",
            StatusCodes.Status429TooManyRequests => "REQUEST_LIMIT_EXCEEDED",
            StatusCodes.Status503ServiceUnavailable => "TEMPORARILY_UNAVAILABLE",
            _ => "PERMISSION_DENIED",
        }, refusal.Detail);
    }

    internal static Task FailAsync(HttpContext context, int status, string code, string message) => WriteAsync(context, status, new { error_code = code, message });

    internal static async Task WriteAsync(HttpContext context, int status, object answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await JsonSerializer.SerializeAsync(context.Response.Body, answer, answer.GetType(), MlflowJson.Options, context.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>One call of the API.</summary>
internal sealed record MlflowCall(Func<MlflowRequest, CancellationToken, Task<object>> Run, Scope Scope = Scope.Operate);

internal static partial class MlflowFailure
{
    /// <summary>A fault as MLflow's client takes it.</summary>
    public static async Task WriteAsync(HttpContext context, Exception e, ILogger logger)
    {
        if (context.Response.HasStarted) return;
        var (status, code, message) = e switch
        {
            MlflowException m => (StatusOf(m.Code), m.Code, m.Message),
            RequestException or DataException => (StatusCodes.Status400BadRequest, "INVALID_PARAMETER_VALUE", e.Message),
            EnvironmentException => (StatusCodes.Status503ServiceUnavailable, "TEMPORARILY_UNAVAILABLE", e.Message),
            BadHttpRequestException bad => (bad.StatusCode, "BAD_REQUEST", bad.Message),
            _ => (StatusCodes.Status500InternalServerError, "INTERNAL_ERROR", $"This should not happen. The log has the details under trace '{context.TraceIdentifier}'."),
        };
        if (status == StatusCodes.Status500InternalServerError) LogFault(logger, e, context.Request.Method, context.Request.Path, context.TraceIdentifier);
        await MlflowEndpoint.FailAsync(context, status, code, message).ConfigureAwait(false);
    }

    // mlflow/exceptions.py, ERROR_CODE_TO_HTTP_STATUS.
    private static int StatusOf(string code) => code switch
    {
        "RESOURCE_DOES_NOT_EXIST" or "NOT_FOUND" or "ENDPOINT_NOT_FOUND" => StatusCodes.Status404NotFound,
        "PERMISSION_DENIED" => StatusCodes.Status403Forbidden,
        "UNAUTHENTICATED" => StatusCodes.Status401Unauthorized,
        "TEMPORARILY_UNAVAILABLE" => StatusCodes.Status503ServiceUnavailable,
        "INVALID_STATE" => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status400BadRequest,
    };

    [LoggerMessage(EventId = 6201, Level = LogLevel.Error, Message = "{Method} {Path} failed (trace {Trace}).")]
    private static partial void LogFault(ILogger logger, Exception error, string method, PathString path, string trace);
}
