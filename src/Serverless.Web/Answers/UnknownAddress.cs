using Microsoft.AspNetCore.Http;

namespace Serverless.Web.Answers;

/// <summary>
/// What routing leaves without a word, an address that is none or a method that it does not take, gets a body in the form of its protocol. Nothing of what exists behind a key is said: the words are the same with and without one.
/// </summary>
internal static class UnknownAddress
{
    /// <param name="answered">The rest of the pipeline, at work.</param>
    public static Task AfterAsync(HttpContext context, Task answered) =>
        answered.IsCompletedSuccessfully ? Silent(context) ? WriteAsync(context) : Task.CompletedTask : WaitAsync(context, answered);

    private static async Task WaitAsync(HttpContext context, Task answered)
    {
        await answered.ConfigureAwait(false);
        if (Silent(context)) await WriteAsync(context).ConfigureAwait(false);
    }

    private static bool Silent(HttpContext context) => context.Response is { StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, HasStarted: false, ContentType: null }
        && !HttpMethods.IsHead(context.Request.Method);

    private static Task WriteAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var (title, detail) = status == StatusCodes.Status404NotFound
            ? ("Not found", "There is no such address here. /openapi/v1.json lists those that there are.")
            : ("Method not allowed", $"This address does not take {context.Request.Method}, but {context.Response.Headers.Allow}.");
        return context.Request.Path.StartsWithSegments("/v2", StringComparison.Ordinal)
            ? SmallJson.WriteAsync(context, status, json => json.WriteString("error"u8, detail))
            : Problem.WriteAsync(context, status, title, detail);
    }
}
