using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Explanations;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Registry.Cards;
using Serverless.Scoring;
using Serverless.Web.Access;
using Serverless.Web.Answers;
using Serverless.Web.OpenApi;
using Serverless.Workspaces;

namespace Serverless.Web.Models;

/// <summary>The registry over HTTP.</summary>
internal sealed class ModelEndpoints(Workspace workspace, IModelRegistry registry, IModelHost host, RowExamples examples, IModelCards cards, IServiceProvider services)
{
    public async Task ListAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        var status = host.Status().ToDictionary(s => s.Model, StringComparer.Ordinal);
        var names = workspace.Models.Keys.Union(await registry.ModelsAsync(cancel).ConfigureAwait(false)).Order(StringComparer.Ordinal);
        var (models, unreadable) = (new List<ModelSummary>(), new List<UnreadableRecord>());
        foreach (var name in names)
        {
            var list = await registry.ListAsync(name, cancel).ConfigureAwait(false);
            var (versions, champion) = (list.Versions, list.Champion);
            unreadable.AddRange(list.Unreadable);
            workspace.Models.TryGetValue(name, out var definition);
            status.TryGetValue(name, out var served);
            models.Add(new(name, definition?.Task ?? versions.LastOrDefault()?.Schema.Task, definition?.Dataset ?? versions.LastOrDefault()?.Lineage.Dataset,
                definition?.Description, champion, served?.Serving, versions.Count, versions.LastOrDefault()?.CreatedAt, served?.Champion is null ? null : served.Problem));
        }

        await Json.WriteAsync(context, new ModelList(models, unreadable.Count > 0 ? unreadable : null), Json.Shared.ModelList).ConfigureAwait(false);
    }

    public async Task ShowAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        var name = await KnownAsync(context).ConfigureAwait(false);
        var list = await registry.ListAsync(name, cancel).ConfigureAwait(false);
        var (versions, champion) = (list.Versions, list.Champion);
        workspace.Models.TryGetValue(name, out var definition);
        var shown = versions.FirstOrDefault(v => v.Version == champion) ?? versions.LastOrDefault();
        var served = host.Status().FirstOrDefault(s => s.Model == name);
        var detail = new ModelDetail(name, definition?.Task ?? shown?.Schema.Task, definition?.Dataset ?? shown?.Lineage.Dataset, definition?.Description,
            champion, served?.Serving, served?.Champion is null ? null : served.Problem, shown?.Schema, shown is null ? null : examples.Row(name, shown.Schema),
            [.. versions.Select(v => new VersionSummary(v.Version, v.Status, v.Version == champion, v.CreatedAt, v.Run, v.Trainer, v.Metrics))],
            await registry.AuditAsync(name, cancel).ConfigureAwait(false), list.Unreadable.Count > 0 ? list.Unreadable : null);
        await Json.WriteAsync(context, detail, Json.Shared.ModelDetail).ConfigureAwait(false);
    }

    public async Task ShowVersionAsync(HttpContext context)
    {
        var (_, version) = await KnownVersionAsync(context).ConfigureAwait(false);
        var manifest = await registry.ManifestAsync(version.Model, version.Version, context.RequestAborted).ConfigureAwait(false) ?? version;
        await Json.WriteAsync(context, manifest, Json.Shared.ModelVersion).ConfigureAwait(false);
    }

    /// <summary>Markdown, or HTML for who asks for it (a browser does) or says <c>?format=html</c>.</summary>
    public async Task CardAsync(HttpContext context)
    {
        var (name, version) = await KnownVersionAsync(context).ConfigureAwait(false);
        var format = context.Request.Query["format"] is [{ Length: > 0 } said] ? said : context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase) ? "html" : "markdown";
        if (format is not ("html" or "markdown")) throw new FieldException($"format: '{format}' is not known; expected html or markdown.");
        var card = await cards.CardAsync(name, version.Version, context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = format == "html" ? "text/html; charset=utf-8" : "text/markdown; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        await context.Response.WriteAsync(format == "html" ? CardHtml.Write(card) : CardMarkdown.Write(card), context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>What a version goes by in general: as it was computed before, or computed now, which takes some seconds.</summary>
    public async Task ImportanceAsync(HttpContext context)
    {
        var (name, version) = await KnownVersionAsync(context).ConfigureAwait(false);
        var global = services.GetRequiredService<IGlobalExplanations>();
        var cancel = context.RequestAborted;
        var options = Curves(context.Request);
        var found = options.Curves == 0 ? await global.FindAsync(name, version.Version, cancel).ConfigureAwait(false) : null;
        try
        {
            found ??= await global.OfAsync(await registry.LoadAsync(name, version.Version, cancel).ConfigureAwait(false), options, cancel).ConfigureAwait(false);
        }
        catch (RequestException e)
        {
            throw new FieldException(e.Message);
        }

        await Json.WriteAsync(context, found, Json.Shared.GlobalExplanation).ConfigureAwait(false);
    }

    private static DependenceOptions Curves(HttpRequest request)
    {
        var count = 0;
        if (request.Query["curves"] is [{ Length: > 0 } text] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count > DependenceOptions.MostCurves))
        {
            throw new FieldException($"curves: expected a whole number from 0 to {DependenceOptions.MostCurves}, got '{text}'.");
        }

        var named = request.Query["class"] is [{ Length: > 0 } name] ? name : null;
        return named is not null && count == 0 ? throw new FieldException("class: curves show it; say also ?curves=20.") : new DependenceOptions(count, named);
    }

    public Task PromoteAsync(HttpContext context) => MoveAsync(context, registry.PromoteAsync);

    public Task ApproveAsync(HttpContext context) => MoveAsync(context, registry.ApproveAsync, why: true);

    public Task RejectAsync(HttpContext context) => MoveAsync(context, (model, version, by, comment, _, cancel) => registry.RejectAsync(model, version, by, comment, cancel), why: true);

    public async Task RollBackAsync(HttpContext context)
    {
        var name = await KnownAsync(context).ConfigureAwait(false);
        var (comment, expected) = await DecisionAsync(context).ConfigureAwait(false);
        var entry = await registry.RollBackAsync(name, AccessGate.Caller(context), comment, expected, context.RequestAborted).ConfigureAwait(false);
        await DoneAsync(context, entry).ConfigureAwait(false);
    }

    private async Task MoveAsync(HttpContext context, Func<string, int, string, string, ExpectedChampion?, CancellationToken, Task<AuditEntry>> move, bool why = false)
    {
        var (name, version) = await KnownVersionAsync(context).ConfigureAwait(false);
        var (comment, expected) = await DecisionAsync(context).ConfigureAwait(false);
        if (why && string.IsNullOrWhiteSpace(comment)) throw new FieldException("comment: expected a text that says why. It goes into the audit.");
        var entry = await move(name, version.Version, AccessGate.Caller(context), comment, expected, context.RequestAborted).ConfigureAwait(false);
        await DoneAsync(context, entry).ConfigureAwait(false);
    }

    // The caller's next prediction meets the version that this call made champion.
    private async Task DoneAsync(HttpContext context, AuditEntry entry)
    {
        await host.RefreshAsync(entry.Model, context.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(context, entry, Json.Shared.AuditEntry).ConfigureAwait(false);
    }

    private async Task<string> KnownAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["model"]!;
        if (workspace.Models.ContainsKey(name)) return name;
        var known = await registry.ModelsAsync(context.RequestAborted).ConfigureAwait(false);
        return known.Contains(name) ? name
            : throw new NotFoundException($"model '{name}' is not known here.{Suggest.Hint(name, known.Union(workspace.Models.Keys))}");
    }

    private async Task<(string Model, ModelVersion Version)> KnownVersionAsync(HttpContext context)
    {
        var name = await KnownAsync(context).ConfigureAwait(false);
        var text = (string)context.Request.RouteValues["version"]!;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && await registry.FindAsync(name, number, context.RequestAborted).ConfigureAwait(false) is { } version)
        {
            return (name, version);
        }

        var versions = (await registry.ListAsync(name, context.RequestAborted).ConfigureAwait(false)).Versions;
        throw new NotFoundException(versions.Count == 0 ? $"model '{name}' has no versions yet." : $"model '{name}' has no version '{text}'; it has {versions[0].Version} to {versions[^1].Version}.");
    }

    private static async Task<(string Comment, ExpectedChampion? Expected)> DecisionAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context, Json.Shared.CommentBody, "{\"comment\":\"...\"} or empty").ConfigureAwait(false);
        if (body?.Expect is < 0) throw new FieldException("expect: expected the number of the champion that you saw, 0 when there was none.");
        var (header, own) = (IfMatch.Champion(context.Request), body?.Expect is { } number ? ExpectedChampion.Of(number) : (ExpectedChampion?)null);
        return header is { } a && own is { } b && a != b ? throw new FieldException("expect: the body and the header If-Match name different champions.") : (body?.Comment ?? "", header ?? own);
    }
}
