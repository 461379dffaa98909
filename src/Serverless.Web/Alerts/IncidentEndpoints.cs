using Microsoft.AspNetCore.Http;
using Serverless.Datasets;
using Serverless.Incidents;
using Serverless.Web.Access;
using Serverless.Web.Answers;

namespace Serverless.Web.Alerts;

/// <summary>Incidents, newest first, with their timelines; to open, update and close.</summary>
internal sealed class IncidentEndpoints(IIncidents incidents)
{
    private const string Expected = "{\"title\":\"...\",\"severity\":\"error\",\"category\":\"data\",\"impact\":\"...\",\"cause\":\"...\",\"actions\":[{\"text\":\"...\"}]}";

    public async Task ListAsync(HttpContext context)
    {
        var page = Paging.Of(context.Request);
        var all = await incidents.ListAsync(context.RequestAborted).ConfigureAwait(false);
        var (shown, next) = page.Cut(all, i => i.Id, "an incident");
        await Json.WriteAsync(context, new IncidentList(all.Count(i => i.Status == IncidentStatus.Open), shown, next), Json.Shared.IncidentList).ConfigureAwait(false);
    }

    public async Task ShowAsync(HttpContext context) => await WriteAsync(context, await FindAsync(context).ConfigureAwait(false)).ConfigureAwait(false);

    public async Task OpenAsync(HttpContext context)
    {
        var body = await BodyAsync(context).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(body.Title)) throw new FieldException("title: expected what people see, in one line.");
        if (body.Cause is not null || body.OverAt is not null || body.Note is not null || body.Actions is not null || body.Done is not null) throw new FieldException("cause, overAt, note, actions and done are said by an update, POST /v1/incidents/{incident}.");
        var incident = await incidents.OpenAsync(new NewIncident
        {
            Title = body.Title, Severity = body.Severity ?? Severity.Error, Category = body.Category, Impact = body.Impact, BeganAt = body.BeganAt, Subjects = body.Subjects ?? [],
        }, AccessGate.Caller(context), context.RequestAborted).ConfigureAwait(false);
        await WriteAsync(context, incident).ConfigureAwait(false);
    }

    public async Task UpdateAsync(HttpContext context)
    {
        var found = await FindAsync(context).ConfigureAwait(false);
        var body = await BodyAsync(context).ConfigureAwait(false);
        if (body.Subjects is not null) throw new FieldException("subjects: they are said when the incident is opened, or by its alerts.");
        var incident = await incidents.UpdateAsync(found.Id, new IncidentChange
        {
            Title = body.Title, Severity = body.Severity, Category = body.Category, Impact = body.Impact, Cause = body.Cause, BeganAt = body.BeganAt, OverAt = body.OverAt, Note = body.Note,
            Actions = [.. (body.Actions ?? []).Select(a => new IncidentAction { Text = a.Text, Kind = a.Kind, Owner = a.Owner, Due = a.Due })], Done = body.Done ?? [],
        }, AccessGate.Caller(context), context.RequestAborted).ConfigureAwait(false);
        await WriteAsync(context, incident).ConfigureAwait(false);
    }

    public async Task CloseAsync(HttpContext context)
    {
        var found = await FindAsync(context).ConfigureAwait(false);
        var comment = (await JsonBody.ReadAsync(context, Json.Shared.CommentBody, "{\"comment\":\"...\"} or empty").ConfigureAwait(false))?.Comment;
        await WriteAsync(context, await incidents.CloseAsync(found.Id, comment, AccessGate.Caller(context), context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task<IncidentBody> BodyAsync(HttpContext context) =>
        await JsonBody.ReadAsync(context, Json.Shared.IncidentBody, Expected).ConfigureAwait(false) ?? throw new FieldException($"The body is empty; expected {Expected}.");

    private async Task<Incident> FindAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["incident"]!;
        return await incidents.FindAsync(id, context.RequestAborted).ConfigureAwait(false) ?? throw new NotFoundException($"incident '{id}' does not exist. GET /v1/incidents lists those that do.");
    }

    private async Task WriteAsync(HttpContext context, Incident incident) =>
        await Json.WriteAsync(context, new IncidentDetail(incident, await incidents.TimelineAsync(incident.Id, context.RequestAborted).ConfigureAwait(false)), Json.Shared.IncidentDetail).ConfigureAwait(false);
}
