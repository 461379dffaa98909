using Serverless.Web.Access;

namespace Serverless.Web.Mlflow;

/// <summary>Registered models, their versions, tags and aliases (mlflow/protos/model_registry.proto).</summary>
internal sealed class MlflowModelsApi(MlflowRegistry models)
{
    private static readonly string[] Stages = ["None", "Staging", "Production", "Archived"];

    public IEnumerable<KeyValuePair<string, MlflowCall>> Calls => new Dictionary<string, MlflowCall>
    {
        ["POST registered-models/create"] = new(async (r, c) => Model(await models.CreateAsync(Name(r), r.Text("description") ?? "", r.Pairs("tags"), c))),
        ["GET registered-models/get"] = new(async (r, c) => Model(await models.RequireAsync(Name(r), c))),
        ["GET registered-models/search"] = new(SearchAsync),
        ["GET registered-models/list"] = new(SearchAsync),
        ["PATCH registered-models/update"] = new(async (r, c) => Model(await models.ChangeAsync(Name(r), d => d with { Description = r.Text("description") ?? "" }, c))),
        ["POST registered-models/rename"] = new(async (r, c) => Model(await models.RenameAsync(Name(r), Named(r.Required("new_name")), c))),
        ["DELETE registered-models/delete"] = new(async (r, c) => await Nothing(models.DeleteAsync(Name(r), c)), Scope.Admin),
        ["POST registered-models/get-latest-versions"] = new(LatestAsync),
        ["GET registered-models/get-latest-versions"] = new(LatestAsync),
        ["POST registered-models/set-tag"] = new(async (r, c) => await Nothing(models.ChangeAsync(Name(r), d => d with { Tags = MlflowTrackingApi.With(d.Tags, [Tag(r)]) }, c))),
        ["DELETE registered-models/delete-tag"] = new(async (r, c) => await Nothing(models.ChangeAsync(Name(r), d => d with { Tags = Without(d.Tags, r) }, c))),
        ["POST registered-models/alias"] = new(async (r, c) => await Nothing(models.SetAliasAsync(Name(r), AliasOf(r), r.Required("version"), r.By, c))),
        ["DELETE registered-models/alias"] = new(async (r, c) => await Nothing(models.DeleteAliasAsync(Name(r), AliasOf(r), c))),
        ["GET registered-models/alias"] = new(ByAliasAsync),
        ["POST model-versions/create"] = new(CreateVersionAsync),
        ["GET model-versions/get"] = new(async (r, c) => Version(await models.RequireVersionAsync(Name(r), r.Required("version"), c))),
        ["GET model-versions/search"] = new(SearchVersionsAsync),
        ["PATCH model-versions/update"] = new(async (r, c) => Version(await models.ChangeVersionAsync(Name(r), r.Required("version"), v => v with { Description = r.Text("description") ?? "" }, c))),
        ["DELETE model-versions/delete"] = new(async (r, c) => await Nothing(models.DeleteVersionAsync(Name(r), r.Required("version"), c)), Scope.Admin),
        ["POST model-versions/transition-stage"] = new(TransitionAsync),
        ["POST model-versions/set-tag"] = new(async (r, c) => await Nothing(models.ChangeVersionAsync(Name(r), r.Required("version"), v => v with { Tags = MlflowTrackingApi.With(v.Tags, [Tag(r)]) }, c))),
        ["DELETE model-versions/delete-tag"] = new(async (r, c) => await Nothing(models.ChangeVersionAsync(Name(r), r.Required("version"), v => v with { Tags = Without(v.Tags, r) }, c))),
        ["GET model-versions/get-download-uri"] = new(async (r, c) => new { ArtifactUri = (await models.RequireVersionAsync(Name(r), r.Required("version"), c)).Source }),
    };

    private async Task<object> SearchAsync(MlflowRequest request, CancellationToken cancel)
    {
        var page = MlflowSearch.Models((await models.AllAsync(cancel)).Select(e => e.Model), request.Text("filter"), request.Texts("order_by"), request.Most(100, 1000), request.Text("page_token"));
        return new { RegisteredModels = page.Items, NextPageToken = page.Next };
    }

    private async Task<object> SearchVersionsAsync(MlflowRequest request, CancellationToken cancel)
    {
        var all = (await models.AllAsync(cancel)).SelectMany(e => e.Versions);
        var page = MlflowSearch.Versions(all, request.Text("filter"), request.Texts("order_by"), request.Most(10_000, 200_000), request.Text("page_token"));
        return new { ModelVersions = page.Items, NextPageToken = page.Next };
    }

    private async Task<object> LatestAsync(MlflowRequest request, CancellationToken cancel)
    {
        var stages = request.Texts("stages");
        var latest = (await models.RequireAsync(Name(request), cancel)).Latest();
        return new { ModelVersions = latest.Where(v => stages.Count == 0 || stages.Any(s => s.Equals(v.CurrentStage, StringComparison.OrdinalIgnoreCase))).ToArray() };
    }

    private async Task<object> ByAliasAsync(MlflowRequest request, CancellationToken cancel)
    {
        var (name, alias) = (Name(request), AliasOf(request));
        var found = (await models.RequireAsync(name, cancel)).Versions.FirstOrDefault(v => v.Aliases.Contains(alias));
        return Version(found ?? throw MlflowException.Invalid($"Registered model alias {alias} not found."));
    }

    private async Task<object> CreateVersionAsync(MlflowRequest request, CancellationToken cancel) => Version(await models.AddVersionAsync(Name(request), new MlflowModelVersion
    {
        Name = "", Version = "", Source = request.Required("source"), RunId = request.Text("run_id") ?? "", RunLink = request.Text("run_link") ?? "", Description = request.Text("description") ?? "",
        Tags = request.Pairs("tags"), UserId = request.By,
    }, cancel));

    // Stages are of before aliases. Of our own models, production is what the champion is.
    private async Task<object> TransitionAsync(MlflowRequest request, CancellationToken cancel)
    {
        var (name, number, wanted) = (Name(request), request.Required("version"), request.Required("stage"));
        var stage = Stages.FirstOrDefault(s => s.Equals(wanted, StringComparison.OrdinalIgnoreCase)) ?? throw MlflowException.Invalid($"Invalid Model Version stage: {wanted}. Value must be one of {string.Join(", ", Stages)}.");
        if (await models.IsOwnAsync(name, cancel))
        {
            if (stage != "Production") throw MlflowException.Denied($"versions of '{name}' have no stage but Production, which is its champion");
            await models.SetAliasAsync(name, Registry.Alias.Champion, number, request.By, cancel);
            return Version(await models.RequireVersionAsync(name, number, cancel));
        }

        await models.RequireVersionAsync(name, number, cancel);
        if (request.Flag("archive_existing_versions"))
        {
            if (stage is not ("Staging" or "Production")) throw MlflowException.Invalid($"Model version transition cannot archive existing model versions when transitioning to {stage}.");
            await models.ChangeAsync(name, d => d with { Versions = [.. d.Versions.Select(v => v.CurrentStage == stage && v.Version != number ? v with { CurrentStage = "Archived" } : v)] }, cancel);
        }

        return Version(await models.ChangeVersionAsync(name, number, v => v with { CurrentStage = stage }, cancel));
    }

    private static string Name(MlflowRequest request) => Named(request.Required("name"));

    private static string Named(string name) => name.Length > 256 ? throw MlflowException.Invalid("'name' exceeds the maximum length of 256 characters")
        : name.AsSpan().IndexOfAny('/', ':') >= 0 ? throw MlflowException.Invalid($"Invalid model name '{name}'. Names cannot contain '/' or ':'.") : name;

    private static string AliasOf(MlflowRequest request)
    {
        var alias = request.Required("alias");
        var valid = alias.Length <= 255 && alias.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && !(alias[0] is 'v' or 'V' && alias.Length > 1 && alias.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0);
        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase)) throw MlflowException.Invalid("'latest' alias name (case insensitive) is reserved.");
        return valid ? alias : throw MlflowException.Invalid($"Invalid alias name: '{alias}'. Names may contain letters, digits, - and _, and are not of the form v1.");
    }

    private static MlflowPair Tag(MlflowRequest request) => new(request.Required("key"), request.Text("value") ?? "");

    private static IReadOnlyList<MlflowPair> Without(IReadOnlyList<MlflowPair> tags, MlflowRequest request) => [.. tags.Where(t => t.Key != request.Required("key"))];

    private static object Model(MlflowRegistry.Entry entry) => new { RegisteredModel = entry.Model };

    private static object Version(MlflowModelVersion version) => new { ModelVersion = version };

    private static async Task<object> Nothing(Task done)
    {
        await done;
        return new { };
    }
}
