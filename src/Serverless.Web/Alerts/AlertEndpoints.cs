using Microsoft.AspNetCore.Http;
using Serverless.Alerts;
using Serverless.Web.Access;
using Serverless.Web.Answers;

namespace Serverless.Web.Alerts;

/// <summary>Alerts, firing ones first, to read; and to take in hand.</summary>
internal sealed class AlertEndpoints(IAlerts alerts)
{
    public async Task ListAsync(HttpContext context)
    {
        var page = Paging.Of(context.Request);
        var all = await alerts.ListAsync(context.RequestAborted).ConfigureAwait(false);
        var (shown, next) = page.Cut(all, a => a.Id, "an alert");
        await Json.WriteAsync(context, new AlertList(all.Count(a => a.Status == AlertStatus.Firing), [.. shown.Select(AlertSummary.Of)], next), Json.Shared.AlertList).ConfigureAwait(false);
    }

    public async Task ShowAsync(HttpContext context) => await WriteAsync(context, await FindAsync(context).ConfigureAwait(false)).ConfigureAwait(false);

    public async Task AcknowledgeAsync(HttpContext context)
    {
        var found = await FindAsync(context).ConfigureAwait(false);
        var comment = (await JsonBody.ReadAsync(context, Json.Shared.CommentBody, "{\"comment\":\"...\"} or empty").ConfigureAwait(false))?.Comment;
        await WriteAsync(context, await alerts.AcknowledgeAsync(found.Id, AccessGate.Caller(context), comment, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task<Alert> FindAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["alert"]!;
        return await alerts.FindAsync(id, context.RequestAborted).ConfigureAwait(false) ?? throw new NotFoundException($"alert '{id}' does not exist. GET /v1/alerts lists those that do.");
    }

    private static Task WriteAsync(HttpContext context, Alert alert) =>
        Json.WriteAsync(context, new AlertDetail(AlertSummary.Of(alert), alert.Members, alert.Notifications), Json.Shared.AlertDetail);
}
