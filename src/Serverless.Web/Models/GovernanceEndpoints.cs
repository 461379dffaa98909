using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Fairness;
using Serverless.Gating;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Web.Access;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Models;

/// <summary>What happened to a model's versions, how they treat groups, and letting a stopped model go on.</summary>
internal sealed class GovernanceEndpoints(Workspace workspace, IModelRegistry registry, ITrainingHolds holds, IFairnessReports fairness)
{
    public async Task AuditAsync(HttpContext context)
    {
        var model = await KnownAsync(context).ConfigureAwait(false);
        var (after, limit) = Paging.Of(context.Request);
        var all = await registry.AuditAsync(model, context.RequestAborted).ConfigureAwait(false);
        var start = 0;
        if (after is not null && (!int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out start) || start > all.Count))
        {
            throw new FieldException($"after: '{after}' is not a place of this list. Start again without it.");
        }

        AuditEntry[] shown = [.. all.Skip(start).Take(limit)];
        var next = start + shown.Length;
        await Json.WriteAsync(context, new AuditList(shown, next < all.Count ? next.ToString(CultureInfo.InvariantCulture) : null), Json.Shared.AuditList).ConfigureAwait(false);
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
