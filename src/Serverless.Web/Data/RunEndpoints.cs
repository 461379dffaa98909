using Microsoft.AspNetCore.Http;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Tracking;
using Serverless.Web.Access;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Data;

/// <summary>Runs, newest first, with notes and tags.</summary>
internal sealed class RunEndpoints(ITrackedRuns tracked, IRunEngine runs, Workspace workspace)
{
    private const string TagForm = "{\"set\":{\"season\":\"winter\"},\"remove\":[\"draft\"]}";

    public async Task ListAsync(HttpContext context)
    {
        var page = Paging.Of(context.Request);
        var query = context.Request.Query;
        var asked = new RunQuery
        {
            Kind = Text(query["kind"]), Subject = Subject(query), Status = Status(Text(query["status"])), State = Text(query["state"]), Since = Moment.Of(context.Request, "since"),
            Tags = [.. query["tag"].OfType<string>().Where(t => t.Length > 0)], Sort = Text(query["sort"]), After = page.After, Limit = page.Limit + 1,
        };
        try
        {
            var found = await tracked.ListAsync(asked, context.RequestAborted).ConfigureAwait(false);
            if (found.Count == 0 && Text(query["model"]) is { } model && !workspace.Models.ContainsKey(model))
            {
                throw new FieldException($"model: '{model}' is not a model of this workspace, and no such run is about it.{Suggest.Hint(model, workspace.Models.Keys)}");
            }

            var shown = found.Take(page.Limit).Select(RunEntry.Of).ToArray();
            await Json.WriteAsync(context, new RunList(shown, found.Count > page.Limit ? shown[^1].Id : null), Json.Shared.RunList).ConfigureAwait(false);
        }
        catch (RequestException e)
        {
            throw new FieldException($"after: {e.Message}");
        }
    }

    public async Task ShowAsync(HttpContext context)
    {
        var id = await KnownAsync(context).ConfigureAwait(false);
        await Json.WriteAsync(context, RunEntry.Of(await tracked.GetAsync(id, context.RequestAborted).ConfigureAwait(false)), Json.Shared.RunEntry).ConfigureAwait(false);
    }

    public async Task NoteAsync(HttpContext context)
    {
        var id = await KnownAsync(context).ConfigureAwait(false);
        var text = (await JsonBody.ReadAsync(context, Json.Shared.NoteBody, "{\"text\":\"...\"}").ConfigureAwait(false))?.Text;
        if (string.IsNullOrWhiteSpace(text)) throw new FieldException("text: expected the text of the note.");
        await AnswerAsync(context, "text", () => tracked.NoteAsync(id, text, AccessGate.Caller(context), context.RequestAborted)).ConfigureAwait(false);
    }

    public async Task TagAsync(HttpContext context)
    {
        var id = await KnownAsync(context).ConfigureAwait(false);
        var body = await JsonBody.ReadAsync(context, Json.Shared.TagBody, TagForm).ConfigureAwait(false);
        var changes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in body?.Set ?? []) changes[key] = value ?? throw new FieldException($"set.{key}: expected a text; to take a tag away, name it in 'remove'.");
        foreach (var key in body?.Remove ?? [])
        {
            if (!changes.TryAdd(key, null)) throw new FieldException($"remove: '{key}' is in 'set' too.");
        }

        if (changes.Count == 0) throw new FieldException($"set: expected at least one tag in 'set' or 'remove', such as {TagForm}.");
        await AnswerAsync(context, "set", () => tracked.TagAsync(id, changes, context.RequestAborted)).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(HttpContext context, string field, Func<Task<RunNotes>> change)
    {
        try
        {
            await Json.WriteAsync(context, await change().ConfigureAwait(false), Json.Shared.RunNotes).ConfigureAwait(false);
        }
        catch (RequestException e)
        {
            throw new FieldException($"{field}: {e.Message}");
        }
    }

    private async Task<string> KnownAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["run"]!;
        return await runs.FindAsync(id, context.RequestAborted).ConfigureAwait(false) is not null ? id : throw new NotFoundException($"run '{id}' does not exist. GET /v1/runs lists those that do.");
    }

    private static string? Subject(IQueryCollection query)
    {
        var (model, subject) = (Text(query["model"]), Text(query["subject"]));
        return model is not null && subject is not null && model != subject ? throw new FieldException("model: give 'model' or 'subject', not both.") : model ?? subject;
    }

    private static RunStatus? Status(string? word)
    {
        if (word is null) return null;
        foreach (var status in Enum.GetValues<RunStatus>())
        {
            if (string.Equals(status.ToString(), word, StringComparison.OrdinalIgnoreCase)) return status;
        }

        throw new FieldException($"status: '{word}' is not a status; expected running, done, refused or failed.");
    }

    private static string? Text(Microsoft.Extensions.Primitives.StringValues value) => value is [{ Length: > 0 } text] ? text : null;
}
