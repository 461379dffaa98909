using Microsoft.AspNetCore.Http;
using Serverless.Monitoring;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Monitoring;

/// <summary>What monitoring found about a model, to read.</summary>
internal sealed class DriftEndpoints(Workspace workspace, IModelRegistry registry, IDriftHistory history)
{
    public async Task ListAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var page = Paging.Of(context.Request);
        var found = new List<DriftEntry>(page.Limit);
        var more = false;
        try
        {
            await foreach (var entry in history.ListAsync(model, page.After, context.RequestAborted).ConfigureAwait(false))
            {
                if (found.Count == page.Limit)
                {
                    more = true;
                    break;
                }

                found.Add(entry);
            }
        }
        catch (RequestException e)
        {
            throw new FieldException($"after: {e.Message} Start again without it.");
        }

        await Json.WriteAsync(context, new DriftList(found, more ? found[^1].Run : null), Json.Shared.DriftList).ConfigureAwait(false);
    }

    public async Task ShowAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var run = (string)context.Request.RouteValues["run"]!;
        var report = await history.FindAsync(model, run, context.RequestAborted).ConfigureAwait(false)
            ?? throw new NotFoundException($"run '{run}' has no drift report of model '{model}'. GET /v1/models/{model}/drift lists those that do.");
        await Json.WriteAsync(context, report, Json.Shared.MonitorReport).ConfigureAwait(false);
    }

    private async Task<string> KnownAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["model"]!;
        if (workspace.Models.ContainsKey(name)) return name;
        var known = await registry.ModelsAsync(context.RequestAborted).ConfigureAwait(false);
        return known.Contains(name) ? name : throw new NotFoundException($"model '{name}' is not known here.{Suggest.Hint(name, known.Union(workspace.Models.Keys))}");
    }
}

/// <param name="Drift">Newest first.</param>
/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record DriftList(IReadOnlyList<DriftEntry> Drift, string? Next);
