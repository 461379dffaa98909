using Microsoft.AspNetCore.Http;
using Serverless.Problems;
using Serverless.Series;
using Serverless.Tracking;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Data;

/// <summary>Figures of a dataset over its periods with the bounds of its anomaly rules, and of a model over its days, to read.</summary>
internal sealed class MetricEndpoints(Workspace workspace, ISeriesReports series, IModelSeries models)
{
    public async Task ListAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["dataset"]!;
        if (!workspace.Datasets.ContainsKey(name)) throw new NotFoundException($"dataset '{name}' is not in this workspace.{Suggest.Hint(name, workspace.Datasets.Keys)}");
        var found = await FoundAsync(() => series.ReadAsync(name, Asked(context.Request), context.RequestAborted)).ConfigureAwait(false);
        await Json.WriteAsync(context, new MetricList(name, found.Series, found.Next), Json.Shared.MetricList).ConfigureAwait(false);
    }

    /// <summary>A model's metrics, a point for each day on which it was trained.</summary>
    public async Task OfModelAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["model"]!;
        if (!workspace.Models.ContainsKey(name)) throw new NotFoundException($"model '{name}' is not in this workspace.{Suggest.Hint(name, workspace.Models.Keys)}");
        var found = await FoundAsync(() => models.ReadAsync(name, Asked(context.Request), context.RequestAborted)).ConfigureAwait(false);
        await Json.WriteAsync(context, new ModelMetricList(name, found.Series, found.Next), Json.Shared.ModelMetricList).ConfigureAwait(false);
    }

    private static JudgedQuery Asked(HttpRequest request)
    {
        var (page, query) = (Paging.Of(request), request.Query);
        return new JudgedQuery { Metrics = [.. query["name"].OfType<string>().Where(n => n.Length > 0)], From = Text(query["from"]), To = Text(query["to"]), After = page.After, Limit = page.Limit };
    }

    private static async Task<JudgedPage> FoundAsync(Func<Task<JudgedPage>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (RequestException e)
        {
            throw new FieldException($"name: {e.Message}");
        }
    }

    private static string? Text(Microsoft.Extensions.Primitives.StringValues value) => value is [{ Length: > 0 } text] ? text : null;
}
