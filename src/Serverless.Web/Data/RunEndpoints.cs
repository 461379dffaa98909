using Microsoft.AspNetCore.Http;
using Serverless.Runs;
using Serverless.Web.Answers;

namespace Serverless.Web.Data;

/// <summary>Runs, newest first, to read.</summary>
internal sealed class RunEndpoints(IRunEngine runs)
{
    public async Task ListAsync(HttpContext context)
    {
        var page = Paging.Of(context.Request);
        var query = context.Request.Query;
        var found = new List<RunRecord>(page.Limit);
        var past = page.After is null;
        var more = false;
        await foreach (var run in runs.ListAsync(Text(query["kind"]), Text(query["subject"]), context.RequestAborted).ConfigureAwait(false))
        {
            if (!past)
            {
                past = run.Id == page.After;
                continue;
            }

            if (found.Count == page.Limit)
            {
                more = true;
                break;
            }

            found.Add(run);
        }

        if (!past) throw new FieldException($"after: '{page.After}' is not a run of this list. Start again without it.");
        await Json.WriteAsync(context, new RunList(found, more ? found[^1].Id : null), Json.Shared.RunList).ConfigureAwait(false);
    }

    public async Task ShowAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["run"]!;
        var run = await runs.FindAsync(id, context.RequestAborted).ConfigureAwait(false)
            ?? throw new NotFoundException($"run '{id}' does not exist. GET /v1/runs lists those that do.");
        await Json.WriteAsync(context, run, Json.Shared.RunRecord).ConfigureAwait(false);
    }

    private static string? Text(Microsoft.Extensions.Primitives.StringValues value) => value is [{ Length: > 0 } text] ? text : null;
}
