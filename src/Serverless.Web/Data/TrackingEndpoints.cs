using Microsoft.AspNetCore.Http;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Tracking;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Data;

/// <summary>Files, comparison and metrics of trainings, to read.</summary>
internal sealed class TrackingEndpoints(ITrackedRuns tracked, IModelPerformance performance, Performance.IPerformance outcomes, IRunEngine runs, Workspace workspace)
{
    public async Task ArtifactsAsync(HttpContext context)
    {
        var run = await KnownAsync(context, "run").ConfigureAwait(false);
        await Json.WriteAsync(context, new ArtifactList(run, await tracked.ArtifactsAsync(run, context.RequestAborted).ConfigureAwait(false)), Json.Shared.ArtifactList).ConfigureAwait(false);
    }

    public async Task CompareAsync(HttpContext context)
    {
        var (left, right) = (await KnownAsync(context, "run").ConfigureAwait(false), await KnownAsync(context, "other").ConfigureAwait(false));
        await Json.WriteAsync(context, await tracked.CompareAsync(left, right, context.RequestAborted).ConfigureAwait(false), Json.Shared.RunComparison).ConfigureAwait(false);
    }

    public async Task PerformanceAsync(HttpContext context)
    {
        var model = (string)context.Request.RouteValues["model"]!;
        if (!workspace.Models.ContainsKey(model)) throw new NotFoundException($"model '{model}' is not in this workspace.{Suggest.Hint(model, workspace.Models.Keys)}");
        try
        {
            var report = await performance.ReadAsync(model, [.. context.Request.Query["metric"].OfType<string>().Where(m => m.Length > 0)], context.RequestAborted).ConfigureAwait(false);
            report = report with { Outcomes = await outcomes.ReadAsync(model, Days(context.Request), context.RequestAborted).ConfigureAwait(false) };
            await Json.WriteAsync(context, report, Json.Shared.PerformanceReport).ConfigureAwait(false);
        }
        catch (RequestException e)
        {
            throw new FieldException($"metric: {e.Message}");
        }
    }

    private static int Days(HttpRequest request)
    {
        if (request.Query["days"] is not [{ Length: > 0 } text, ..]) return 90;
        return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= 3660 ? days
            : throw new FieldException($"days: expected a whole number from 1 to 3660, not '{text}'.");
    }

    private async Task<string> KnownAsync(HttpContext context, string value)
    {
        var id = (string)context.Request.RouteValues[value]!;
        return await runs.FindAsync(id, context.RequestAborted).ConfigureAwait(false) is not null ? id : throw new NotFoundException($"run '{id}' does not exist. GET /v1/runs lists those that do.");
    }
}
