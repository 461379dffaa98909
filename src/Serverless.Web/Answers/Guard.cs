using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Web.Access;
using Serverless.Web.Predict;

namespace Serverless.Web.Answers;

/// <summary>What stands before and behind every endpoint: who may, and how a fault becomes an answer.</summary>
internal sealed partial class Guard(AccessGate gate, ILogger<Guard> logger)
{
    /// <param name="refusals">The form in which the route says no.</param>
    public RequestDelegate Wrap(Scope scope, RequestDelegate endpoint, Func<IRefusals>? refusals = null) => context => RunAsync(context, scope, endpoint, refusals);

    private async Task RunAsync(HttpContext context, Scope scope, RequestDelegate endpoint, Func<IRefusals>? form)
    {
        try
        {
            if (await gate.RefusalAsync(context, scope).ConfigureAwait(false) is { } refusal)
            {
                refusal.WriteHeaders(context.Response);
                await Refusals(form).WriteAsync(context, refusal.Status, refusal.Title, refusal.Detail).ConfigureAwait(false);
                return;
            }

            await endpoint(context).ConfigureAwait(false);
        }
        catch (Exception e) when (Known(context, e) is { } answer)
        {
            await Refusals(form).WriteAsync(context, answer.Status, answer.Title, answer.Detail, (e as FieldException)?.Errors).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone: nobody to answer.
            return;
        }
        catch (Exception e)
        {
            LogFault(e, context.Request.Method, context.Request.Path, context.TraceIdentifier);
            await Refusals(form).WriteAsync(context, StatusCodes.Status500InternalServerError, "Internal error",
                $"This should not happen. The log has the details under trace '{context.TraceIdentifier}'.").ConfigureAwait(false);
        }
    }

    // Made when somebody is refused: a cold start pays for what it uses.
    private static IRefusals Refusals(Func<IRefusals>? form) => form?.Invoke() ?? ProblemRefusals.Shared;

    private static (int Status, string Title, string Detail)? Known(HttpContext context, Exception e) => e switch
    {
        NotFoundException => (StatusCodes.Status404NotFound, "Not found", e.Message),
        FieldException => (StatusCodes.Status400BadRequest, "Bad request", e.Message),
        BodyTooLargeException large => (StatusCodes.Status413PayloadTooLarge, "Body too large", $"A body may have at most {large.Limit} bytes. Send several requests, or score a file (`serverless-ml predict MODEL --input FILE`)."),
        NoChampionException none => none.Damaged
            ? (StatusCodes.Status503ServiceUnavailable, "Model not available", e.Message)
            : (StatusCodes.Status409Conflict, "No champion", e.Message),
        UnsupportedMediaException => (StatusCodes.Status415UnsupportedMediaType, "Unsupported media", e.Message),
        ChampionMovedException moved when Models.IfMatch.Given(context.Request) => (StatusCodes.Status412PreconditionFailed, "Champion moved", moved.Message),
        ChampionMovedException moved => (StatusCodes.Status409Conflict, "Champion moved", moved.Message),
        RequestException => HttpMethods.IsGet(context.Request.Method) && e is not RefusedException
            ? (StatusCodes.Status404NotFound, "Not found", e.Message)
            : (StatusCodes.Status409Conflict, "Not possible", e.Message),
        DataException => (StatusCodes.Status409Conflict, "Not possible", e.Message),
        EnvironmentException or Runs.UnknownRunException => (StatusCodes.Status503ServiceUnavailable, "Not available", e.Message),
        Microsoft.AspNetCore.Http.BadHttpRequestException bad => (bad.StatusCode, "Bad request", bad.Message),
        _ => null,
    };

    [LoggerMessage(EventId = 6001, Level = LogLevel.Error, Message = "{Method} {Path} failed (trace {Trace}).")]
    private partial void LogFault(Exception error, string method, PathString path, string trace);
}

/// <summary>What the route names does not exist.</summary>
internal sealed class NotFoundException(string message) : Exception(message);

/// <summary>The body is of a type, charset or encoding that is not read here.</summary>
internal sealed class UnsupportedMediaException(string message) : Exception(message);

/// <summary>A parameter or a body of an operation is wrong.</summary>
/// <param name="message">The field, a colon, what is wrong with it; a body that is none at all begins with "The body".</param>
internal sealed partial class FieldException(string message) : Exception(message)
{
    /// <summary>The same by field, as refusals of predictions have it.</summary>
    public FieldErrors Errors
    {
        get
        {
            var errors = new FieldErrors(1);
            var named = Place().Match(Message);
            errors.Add(named.Success ? named.Groups["field"].Value : "body", named.Success ? named.Groups["what"].Value : Message);
            return errors;
        }
    }

    [GeneratedRegex(@"^(?<field>[A-Za-z][\w.\-]*(\[\d+\])*(\.[\w.\-]+)*): (?<what>.+)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Place();
}
