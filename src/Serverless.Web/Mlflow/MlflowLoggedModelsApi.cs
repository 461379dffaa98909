using System.Text.Json;
using Serverless.Storage;

namespace Serverless.Web.Mlflow;

/// <summary>The calls below <c>logged-models</c>, whose addresses hold the model's id.</summary>
internal sealed class MlflowLoggedModelsApi(MlflowLoggedModels models, MlflowTracking tracking, OwnRuns own, IObjectStore objects)
{
    private const string Root = "logged-models";
    private const int MostFound = 100;

    /// <summary>The call that a method and an address mean; null when there is none.</summary>
    public MlflowCall? Find(string method, string call)
    {
        var parts = call.Split('/');
        if (parts[0] != Root) return null;
        var id = parts.Length > 1 ? parts[1] : "";
        return (method, parts.Length, parts.Length > 2 ? parts[2] : "") switch
        {
            ("POST", 1, _) => new(CreateAsync),
            ("POST", 2, _) when id == "search" => new(SearchAsync),
            ("GET", 2, _) => new(async (_, c) => new { Model = await models.RequireAsync(id, c) }),
            ("PATCH", 2, _) => new(async (r, c) => new { Model = await models.ChangeAsync(id, m => m with { Info = m.Info with { Status = Status(r.Required("status")) } }, c) }),
            ("DELETE", 2, _) => new(async (_, c) =>
            {
                await models.DeleteAsync(id, c);
                return new { };
            }),
            ("PATCH" or "POST", 3, "tags") => new(async (r, c) => new { Model = await models.ChangeAsync(id, m => m with { Info = m.Info with { Tags = MlflowTrackingApi.With(m.Info.Tags, r.Pairs("tags")) } }, c) }),
            ("DELETE", >= 4, "tags") => new((_, c) => DeleteTagAsync(id, string.Join('/', parts[3..]), c)),
            ("POST", 3, "params") => new(async (r, c) =>
            {
                await models.ChangeAsync(id, m => m with { Data = m.Data with { Params = MlflowTrackingApi.With(m.Data.Params, r.Pairs("params")) } }, c);
                return new { };
            }),
            ("GET", 4, "artifacts") when parts[3] == "directories" => new((r, c) => ListAsync(id, r.Text("artifact_directory_path"), c)),
            _ => null,
        };
    }

    private async Task<object> CreateAsync(MlflowRequest request, CancellationToken cancel)
    {
        var experiment = request.Required("experiment_id");
        if (await own.FindExperimentAsync(experiment, cancel) is not null) throw MlflowException.Denied($"experiment '{experiment}' holds the trainings of a model of this workspace, which are not changed through MLflow");
        if ((await tracking.FindExperimentAsync(experiment, cancel) ?? throw MlflowTracking.NoExperiment(experiment)).LifecycleStage != MlflowStage.Active)
        {
            throw MlflowException.Invalid($"The experiment {experiment} must be in the 'active' state. Current state is deleted.");
        }

        return new { Model = await models.CreateAsync(experiment, request.Text("name"), request.Text("model_type"), request.Text("source_run_id"), request.Pairs("params"), request.Pairs("tags"), cancel) };
    }

    private async Task<object> SearchAsync(MlflowRequest request, CancellationToken cancel)
    {
        var found = new List<MlflowLoggedModel>();
        foreach (var experiment in request.Texts("experiment_ids").Distinct())
        {
            await foreach (var model in models.OfAsync(experiment, cancel)) found.Add(model);
        }

        string[] order = [.. request.Items("order_by").Select(Order)];
        var page = MlflowSearch.LoggedModels(found, request.Text("filter"), order, request.Most(50, MostFound), request.Text("page_token"));
        return new { Models = page.Items, NextPageToken = page.Next };
    }

    private async Task<object> DeleteTagAsync(string id, string key, CancellationToken cancel)
    {
        await models.ChangeAsync(id, m => m.Info.Tags.Any(t => t.Key == key) ? m with { Info = m.Info with { Tags = [.. m.Info.Tags.Where(t => t.Key != key)] } }
            : throw MlflowException.Missing($"No tag with key '{key}' in logged model '{id}'"), cancel);
        return new { };
    }

    private async Task<object> ListAsync(string id, string? below, CancellationToken cancel)
    {
        var root = (await models.RequireAsync(id, cancel)).Info.ArtifactUri;
        return new { RootUri = root, Files = await MlflowArtifacts.ListAsync(objects, root[MlflowArtifacts.Scheme.Length..], below, cancel) };
    }

    private static string Order(JsonElement clause) => clause.ValueKind == JsonValueKind.Object && clause.TryGetProperty("field_name", out var name) && name.ValueKind == JsonValueKind.String
        ? $"{name.GetString()} {(clause.TryGetProperty("ascending", out var up) && up.ValueKind == JsonValueKind.False ? "DESC" : "ASC")}"
        : throw MlflowException.Invalid("Missing value for required parameter 'order_by.field_name'.");

    private static string Status(string text) => text switch
    {
        "LOGGED_MODEL_PENDING" or "1" => "LOGGED_MODEL_PENDING",
        "LOGGED_MODEL_READY" or "2" => "LOGGED_MODEL_READY",
        "LOGGED_MODEL_UPLOAD_FAILED" or "3" => "LOGGED_MODEL_UPLOAD_FAILED",
        _ => throw MlflowException.Invalid($"Invalid value '{text}' for parameter 'status': expected LOGGED_MODEL_READY or LOGGED_MODEL_UPLOAD_FAILED."),
    };
}
