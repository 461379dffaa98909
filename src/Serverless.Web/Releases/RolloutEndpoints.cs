using Microsoft.AspNetCore.Http;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Rollouts;
using Serverless.Web.Access;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Releases;

/// <summary>Rollouts over HTTP.</summary>
internal sealed class RolloutEndpoints(Workspace workspace, IModelRegistry registry, IRollouts rollouts, IRolloutServing serving, ISubjectAssignments assignments)
{
    public async Task ListAllAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        var all = new List<RolloutRecord>();
        foreach (var model in workspace.Models.Keys.Union(await registry.ModelsAsync(cancel).ConfigureAwait(false)).Order(StringComparer.Ordinal))
        {
            if (await rollouts.ActiveAsync(model, cancel).ConfigureAwait(false) is { } active) all.Add(active);
        }

        await Json.WriteAsync(context, new RolloutList(all, null), Json.Shared.RolloutList).ConfigureAwait(false);
    }

    public async Task ListAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        IReadOnlyList<RolloutRecord> all = [.. (await rollouts.ListAsync(model, context.RequestAborted).ConfigureAwait(false)).Reverse()];
        var (shown, next) = Paging.Of(context.Request).Cut(all, r => r.Id, "a rollout");
        await Json.WriteAsync(context, new RolloutList(shown, next), Json.Shared.RolloutList).ConfigureAwait(false);
    }

    public async Task ShowAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var all = await rollouts.ListAsync(model, context.RequestAborted).ConfigureAwait(false);
        if (all.Count == 0) throw new NotFoundException($"model '{model}' had no rollout yet.");
        await Json.WriteAsync(context, await rollouts.ReportAsync(all[^1], context.RequestAborted).ConfigureAwait(false), Json.Shared.RolloutReport).ConfigureAwait(false);
    }

    public async Task AssignmentAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        if (context.Request.Query["subject"] is not [{ Length: > 0 } subject]) throw new FieldException("subject: expected the subject to be looked up, as ?subject=...");
        var found = await assignments.OfAsync(model, subject, [.. context.Request.Query["group"].OfType<string>()], context.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(context, found, Json.Shared.SubjectAssignment).ConfigureAwait(false);
    }

    public async Task StartAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var body = await BodyAsync(context).ConfigureAwait(false);
        if (body?.Version is not { } version) throw new FieldException("version: expected the number of the version to roll out.");
        var terms = workspace.Models.TryGetValue(model, out var definition) ? definition.Rollout : new RolloutDefinition();
        if (body.Kind is { } kind && kind != terms.Kind) terms = new RolloutDefinition { Kind = kind };
        await DoneAsync(context, await rollouts.StartAsync(new RolloutRequest(model, version, terms, AccessGate.Caller(context), body.Comment ?? ""), context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public Task PauseAsync(HttpContext context) => MoveAsync(context, RolloutVerb.Pause);

    public Task ResumeAsync(HttpContext context) => MoveAsync(context, RolloutVerb.Resume);

    public Task AbortAsync(HttpContext context) => MoveAsync(context, RolloutVerb.Abort);

    public Task PromoteAsync(HttpContext context) => MoveAsync(context, RolloutVerb.Promote);

    private async Task MoveAsync(HttpContext context, RolloutVerb verb)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var comment = (await BodyAsync(context).ConfigureAwait(false))?.Comment;
        if (string.IsNullOrWhiteSpace(comment)) throw new FieldException("comment: expected a text that says why. It goes into the audit.");
        await DoneAsync(context, await rollouts.MoveAsync(model, verb, AccessGate.Caller(context), comment, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    // The caller's next prediction meets the shares that this call set.
    private async Task DoneAsync(HttpContext context, RolloutRecord rollout)
    {
        await serving.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(context, rollout, Json.Shared.RolloutRecord).ConfigureAwait(false);
    }

    private static Task<RolloutBody?> BodyAsync(HttpContext context) => JsonBody.ReadAsync(context, Json.Shared.RolloutBody, "{\"version\":4,\"kind\":\"canary\",\"comment\":\"...\"}");

    private async Task<string> KnownAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["model"]!;
        if (workspace.Models.ContainsKey(name)) return name;
        var known = await registry.ModelsAsync(context.RequestAborted).ConfigureAwait(false);
        return known.Contains(name) ? name : throw new NotFoundException($"model '{name}' is not known here.{Suggest.Hint(name, known.Union(workspace.Models.Keys))}");
    }
}

/// <param name="Rollouts">Newest first.</param>
/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record RolloutList(IReadOnlyList<RolloutRecord> Rollouts, string? Next);

/// <summary>Body of an operation.</summary>
internal sealed record RolloutBody(int? Version, RolloutKind? Kind, string? Comment);
