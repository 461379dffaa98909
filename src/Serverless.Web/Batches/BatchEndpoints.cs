using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Web.Access;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Batches;

/// <summary>Score runs over HTTP.</summary>
internal sealed class BatchEndpoints(Workspace workspace, IBatches batches, IServiceProviderIsService has)
{
    private const string Expected = "{\"object\":\"landing/_score/flight-delay/rows.csv\"} or {\"from\":\"2001-03-01T00:00:00Z\",\"key\":[\"origin\"],\"precompute\":true}";

    public async Task StartAsync(HttpContext context)
    {
        var model = Known(context);
        var body = await JsonBody.ReadAsync(context, Json.Shared.BatchBody, Expected).ConfigureAwait(false) ?? new BatchBody(null, null, null, null, null, null, null);
        // Other objects of the store are not for whoever may operate to read.
        if (body.Object is { } key && ScoreInbox.ModelOf(key) != model) throw new FieldException($"object: expected a file of the model's inbox, {ScoreInbox.Key(model, "<file>")}.");
        if (body is { From: { } from, To: { } to } && from >= to) throw new FieldException("to: must be after 'from'.");
        if (body.Precompute == true && (body.Key ?? workspace.Model(model).Batch?.Key ?? []).Count == 0) throw new FieldException("key: predictions that are served by key need one: name its columns.");
        if (!has.IsService(typeof(IBatchFiles)))
        {
            throw new RequestException($"this process only serves, and starts no batches. Ask a server that works too (`serverless-ml up`, the Function App), or score by the command line (`serverless-ml score {model}`).");
        }

        try
        {
            var run = await batches.StartAsync(new BatchRequest
            {
                Model = model, By = AccessGate.Caller(context), Version = body.Version, Object = body.Object, From = body.From, To = body.To, Key = body.Key, Inputs = body.Inputs, Precompute = body.Precompute,
            }, context.RequestAborted).ConfigureAwait(false);
            context.Response.Headers.Location = $"/v1/runs/{run}";
            await Json.WriteAsync(context, new BatchStarted(run, model, RunStatus.Running), Json.Shared.BatchStarted, StatusCodes.Status202Accepted).ConfigureAwait(false);
        }
        catch (RequestException e)
        {
            throw new FieldException($"object: {e.Message}");
        }
    }

    public async Task ListAsync(HttpContext context)
    {
        var model = Known(context);
        var all = await batches.ListAsync(model, context.RequestAborted).ToListAsync(context.RequestAborted).ConfigureAwait(false);
        var (shown, next) = Paging.Of(context.Request).Cut(all, b => b.Run, "a batch");
        await Json.WriteAsync(context, new BatchList(model, shown, next), Json.Shared.BatchList).ConfigureAwait(false);
    }

    private string Known(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["model"]!;
        return workspace.Models.ContainsKey(name) ? name : throw new NotFoundException($"model '{name}' is not in this workspace{Suggest.Ending(name, workspace.Models.Keys)}");
    }
}

/// <summary>Predictions that were made in advance, by key.</summary>
internal sealed class PrecomputedEndpoint(IPrecomputedPredictions predictions, IServiceProvider services)
{
    private const string Source = "x-prediction-source";

    /// <summary>The prediction of a key; 404 when there is none, 410 when it is too old.</summary>
    public async Task GetAsync(HttpContext context)
    {
        var (model, key) = Asked(context);
        if (await predictions.FindAsync(model, key, context.RequestAborted).ConfigureAwait(false) is not { } found)
        {
            var set = await predictions.FindSetAsync(model, context.RequestAborted).ConfigureAwait(false);
            throw new NotFoundException(set is null ? $"no predictions of '{model}' were made in advance: its file has no 'batch: {{ precompute: true }}', or no batch ended yet."
                : $"there is no prediction of '{model}' for key '{string.Join('/', key)}' among the {set.Keys} that run {set.Run} made; POST the row here to have it scored.");
        }

        if (!found.Stale) await WriteAsync(context, found).ConfigureAwait(false);
        else await Answers.Problem.WriteAsync(context, StatusCodes.Status410Gone, "The prediction is too old", $"It was made at {found.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, longer ago than the model's 'maxAge'; POST the row here to have it scored.").ConfigureAwait(false);
    }

    /// <summary>The prediction of a key; where there is none, or only one that is too old, the rows of the body are scored.</summary>
    public async Task PostAsync(HttpContext context)
    {
        var (model, key) = Asked(context);
        if (await predictions.FindAsync(model, key, context.RequestAborted).ConfigureAwait(false) is { Stale: false } found)
        {
            await WriteAsync(context, found).ConfigureAwait(false);
            return;
        }

        context.Response.Headers[Source] = "live";
        var live = (Predict.PredictEndpoint)services.GetService(typeof(Predict.PredictEndpoint))!;
        await live.InvokeAsync(context, Predict.RowsProtocol.Shared).ConfigureAwait(false);
    }

    private static (string Model, string[] Key) Asked(HttpContext context) =>
        ((string)context.Request.RouteValues["model"]!, [.. ((string)context.Request.RouteValues["key"]!).Split('/').Select(part => part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase))]);

    private static Task WriteAsync(HttpContext context, PrecomputedPrediction found)
    {
        context.Response.Headers[Source] = "precomputed";
        context.Response.Headers.Age = ((long)Math.Max(0, found.Age.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var multiclass = found.Probabilities.Count > 0;
        var answer = new PrecomputedAnswer(found.Model, found.Key,
            [new PrecomputedOne(found.Id, found.Version, "precomputed", found.Prediction, multiclass || found.Prediction.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.Score : null, multiclass ? found.Probabilities : null, found.Score)],
            found.Run, found.At, Math.Round(found.Age.TotalSeconds, 3));
        return Json.WriteAsync(context, answer, Json.Shared.PrecomputedAnswer);
    }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BatchBody(string? Object, int? Version, DateTimeOffset? From, DateTimeOffset? To, IReadOnlyList<string>? Key, bool? Inputs, bool? Precompute);

internal sealed record BatchStarted(string Run, string Model, RunStatus Status);

/// <param name="Next">Value of <c>?after=</c> for the next page; null on the last.</param>
internal sealed record BatchList(string Model, IReadOnlyList<Batch> Batches, string? Next);

/// <param name="At">When the batch was asked for.</param>
internal sealed record PrecomputedAnswer(string Model, IReadOnlyList<string> Key, IReadOnlyList<PrecomputedOne> Predictions, string Run, DateTimeOffset At, double AgeSeconds);

internal sealed record PrecomputedOne(string Id, int Version, string Role, JsonElement Prediction, double? Probability, IReadOnlyDictionary<string, double>? Probabilities, double Score);
