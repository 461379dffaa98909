using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Fairness;
using Serverless.Gating;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Scheduling;
using Serverless.Web.Access;
using Serverless.Web.Answers;
using Serverless.Web.Data;
using Serverless.Workspaces;

namespace Serverless.Web.Models;

/// <summary>What happened to a model's versions, how they treat groups, and letting a stopped model go on.</summary>
internal sealed class GovernanceEndpoints(Workspace workspace, IModelRegistry registry, ITrainingHolds holds, IFairnessReports fairness, IDecisions decisions)
{
    public async Task AuditAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var (shown, next) = Page(Paging.Of(context.Request), await registry.AuditAsync(model, context.RequestAborted).ConfigureAwait(false));
        await Json.WriteAsync(context, new AuditList(shown, next), Json.Shared.AuditList).ConfigureAwait(false);
    }

    /// <summary>Whether the model was to be trained again, and why or why not, newest first.</summary>
    public async Task DecisionsAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var (cause, train) = (context.Request.Query["cause"] is [{ Length: > 0 } said] ? Cause(said) : (DecisionCause?)null, Train(context.Request));
        var all = (await decisions.ListAsync(model, context.RequestAborted).ConfigureAwait(false)).Where(d => (cause is null || d.Cause == cause) && (train is null || d.Train == train)).ToArray();
        var (shown, next) = Page(Paging.Of(context.Request), all);
        await Json.WriteAsync(context, new DecisionList(model, shown, next), Json.Shared.DecisionList).ConfigureAwait(false);
    }

    private static DecisionCause Cause(string word) => Decision.CauseOf(word)
        ?? throw new FieldException($"cause: '{word}' is not a cause.{Suggest.Hint(word, Decision.Causes)} Expected {string.Join(", ", Decision.Causes)}.");

    private static bool? Train(HttpRequest request) => request.Query["train"] is not [{ Length: > 0 } word] ? null
        : bool.TryParse(word, out var train) ? train : throw new FieldException($"train: expected true or false, got '{word}'.");

    private static (IReadOnlyList<T> Shown, string? Next) Page<T>(Paging page, IReadOnlyList<T> all)
    {
        var start = 0;
        if (page.After is { } after && (!int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out start) || start > all.Count))
        {
            throw new FieldException($"after: '{after}' is not a place of this list. Start again without it.");
        }

        T[] shown = [.. all.Skip(start).Take(page.Limit)];
        var next = start + shown.Length;
        return (shown, next < all.Count ? next.ToString(CultureInfo.InvariantCulture) : null);
    }

    public async Task ResumeAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var comment = (await JsonBody.ReadAsync(context, Json.Shared.CommentBody, "{\"comment\":\"...\"}").ConfigureAwait(false))?.Comment;
        if (string.IsNullOrWhiteSpace(comment)) throw new FieldException("comment: expected a text that says why. It goes into the audit.");
        var entry = await holds.ResumeAsync(model, AccessGate.Caller(context), comment, context.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(context, entry, Json.Shared.AuditEntry).ConfigureAwait(false);
    }

    public async Task FairnessAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var text = (string)context.Request.RouteValues["version"]!;
        var version = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? await registry.FindAsync(model, number, context.RequestAborted).ConfigureAwait(false) : null;
        if (version is null) throw new NotFoundException($"model '{model}' has no version '{text}'.");
        var report = await fairness.FindAsync(version.Run, context.RequestAborted).ConfigureAwait(false)
            ?? throw new NotFoundException($"version {number} of model '{model}' was not compared by group: its model file had no section 'fairness'.");
        await Json.WriteAsync(context, report, Json.Shared.FairnessReport).ConfigureAwait(false);
    }

    private async Task<string> KnownAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["model"]!;
        if (workspace.Models.ContainsKey(name)) return name;
        var known = await registry.ModelsAsync(context.RequestAborted).ConfigureAwait(false);
        return known.Contains(name) ? name : throw new NotFoundException($"model '{name}' is not known here.{Suggest.Hint(name, known.Union(workspace.Models.Keys))}");
    }
}

/// <param name="Audit">Oldest first.</param>
/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record AuditList(IReadOnlyList<AuditEntry> Audit, string? Next);
