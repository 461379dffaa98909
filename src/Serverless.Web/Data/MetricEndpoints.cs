using Microsoft.AspNetCore.Http;
using Serverless.Problems;
using Serverless.Series;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Data;

/// <summary>Figures of a dataset over its periods, with the bounds of its anomaly rules, to read.</summary>
internal sealed class MetricEndpoints(Workspace workspace, ISeriesReports series)
{
    public async Task ListAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["dataset"]!;
        if (!workspace.Datasets.ContainsKey(name)) throw new NotFoundException($"dataset '{name}' is not in this workspace.{Suggest.Hint(name, workspace.Datasets.Keys)}");
        var page = Paging.Of(context.Request);
        var query = context.Request.Query;
        var asked = new JudgedQuery
        {
            Metrics = [.. query["name"].OfType<string>().Where(n => n.Length > 0)],
            From = Text(query["from"]), To = Text(query["to"]), After = page.After, Limit = page.Limit,
        };
        try
        {
            var found = await series.ReadAsync(name, asked, context.RequestAborted).ConfigureAwait(false);
            await Json.WriteAsync(context, new MetricList(name, found.Series, found.Next), Json.Shared.MetricList).ConfigureAwait(false);
        }
        catch (RequestException e)
        {
            throw new FieldException($"name: {e.Message}");
        }
    }

    private static string? Text(Microsoft.Extensions.Primitives.StringValues value) => value is [{ Length: > 0 } text] ? text : null;
}
