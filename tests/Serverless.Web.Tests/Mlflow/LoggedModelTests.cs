using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.Web.Tests.Mlflow;

/// <summary>Logged models as MLflow 3's client sends them (mlflow/store/tracking/rest_store.py of 3.11), seen when <c>mlflow.sklearn.log_model</c> and <c>autolog</c> ran against a server.</summary>
public sealed class LoggedModelTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Model_LoggedAsTheClientDoes_IsReadBackAndFoundByItsRun()
    {
        var run = (await CallAsync("POST", "runs/create", """{"experiment_id":"0","run_name":"r"}"""))["run"]!["info"]!["run_id"]!.GetValue<string>();
        var made = (await CallAsync("POST", "logged-models", $$"""{"experiment_id":"0","name":"model","model_type":"Classifier","source_run_id":"{{run}}","params":[{"key":"depth","value":"3"}],"tags":[{"key":"a","value":"b"}]}"""))["model"]!["info"]!;
        var id = made["model_id"]!.GetValue<string>();
        id.ShouldMatch("^m-[0-9a-f]{32}$");
        (made["status"]!.GetValue<string>(), made["artifact_uri"]!.GetValue<string>()).ShouldBe(("LOGGED_MODEL_PENDING", $"mlflow-artifacts:/experiments/0/models/{id}/artifacts"));

        using (var put = await host.Client.PutAsync($"/api/2.0/mlflow-artifacts/artifacts/experiments/0/models/{id}/artifacts/MLmodel", new StringContent("flavors: {}"))) put.IsSuccessStatusCode.ShouldBeTrue();
        await CallAsync("POST", "runs/outputs", $$"""{"run_id":"{{run}}","models":[{"model_id":"{{id}}","step":0}]}""");
        await CallAsync("POST", $"logged-models/{id}/params", """{"params":[{"key":"leaves","value":"7"}]}""");
        await CallAsync("PATCH", $"logged-models/{id}/tags", """{"tags":[{"key":"c/d","value":"e"}]}""");
        await CallAsync("DELETE", $"logged-models/{id}/tags/a");
        await CallAsync("POST", "runs/log-batch", $$"""{"run_id":"{{run}}","metrics":[{"key":"auc","value":0.5,"timestamp":1,"step":0,"model_id":"{{id}}"},{"key":"auc","value":0.75,"timestamp":2,"step":1,"model_id":"{{id}}"},{"key":"other","value":1,"timestamp":1}]}""");
        (await CallAsync("PATCH", $"logged-models/{id}", $$"""{"model_id":"{{id}}","status":"LOGGED_MODEL_READY"}"""))["model"]!["info"]!["status"]!.GetValue<string>().ShouldBe("LOGGED_MODEL_READY");

        var model = (await CallAsync("GET", $"logged-models/{id}"))["model"]!;
        Pairs(model["data"]!["params"]!).ShouldBe(["depth=3", "leaves=7"]);
        Pairs(model["info"]!["tags"]!).ShouldBe(["c/d=e"]);
        model["data"]!["metrics"]!.AsArray().Select(m => $"{m!["key"]} {m["value"]}").ShouldBe(["auc 0.75"]);
        (await CallAsync("GET", $"runs/get?run_id={run}"))["run"]!["outputs"]!["model_outputs"]![0]!["model_id"]!.GetValue<string>().ShouldBe(id);
        (await CallAsync("GET", $"logged-models/{id}/artifacts/directories"))["files"]![0]!["path"]!.GetValue<string>().ShouldBe("MLmodel");

        // As a client looks for the model of runs:/RUN/model.
        foreach (var (filter, found) in new[] { ($"source_run_id = '{run}'", 1), ("source_run_id = 'x'", 0), ("metrics.auc > 0.6 AND params.depth = '3' AND name = 'model'", 1), ("status = 'READY'", 1), ("model_type != 'Classifier'", 0) })
        {
            var body = new JsonObject { ["experiment_ids"] = new JsonArray("0"), ["filter"] = filter, ["max_results"] = 50, ["order_by"] = new JsonArray(new JsonObject { ["field_name"] = "metrics.auc", ["ascending"] = false }) };
            (await CallAsync("POST", "logged-models/search", body.ToJsonString()))["models"]!.AsArray().Count.ShouldBe(found, filter);
        }

        await CallAsync("DELETE", $"logged-models/{id}");
        await CallAsync("GET", $"logged-models/{id}", null, 404, "RESOURCE_DOES_NOT_EXIST");
        (await CallAsync("POST", "logged-models/search", """{"experiment_ids":["0"]}"""))["models"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("POST", "logged-models", """{"name":"x"}""", 400, "INVALID_PARAMETER_VALUE")]
    [InlineData("POST", "logged-models", """{"experiment_id":"77"}""", 404, "RESOURCE_DOES_NOT_EXIST")]
    [InlineData("POST", "logged-models", """{"experiment_id":"model-late"}""", 403, "PERMISSION_DENIED")]
    [InlineData("PATCH", "logged-models/m-1", """{"status":"LOGGED_MODEL_READY"}""", 404, "RESOURCE_DOES_NOT_EXIST")]
    [InlineData("PATCH", "logged-models/m-1", """{"status":"DONE"}""", 404, "RESOURCE_DOES_NOT_EXIST")]
    [InlineData("GET", "logged-models/..%2F..", null, 404, "RESOURCE_DOES_NOT_EXIST")]
    [InlineData("GET", "logged-models/m-1/nothing", null, 404, "ENDPOINT_NOT_FOUND")]
    [InlineData("POST", "logged-models/search", """{"experiment_ids":["0"],"filter":"colour = 'red'"}""", 400, "INVALID_PARAMETER_VALUE")]
    [InlineData("POST", "logged-models/search", """{"experiment_ids":["0"],"max_results":101}""", 400, "INVALID_PARAMETER_VALUE")]
    public async Task Model_WrongRequest_IsAnsweredAsMlflowDoesAndNothingIsMade(string method, string call, string? body, int status, string code)
    {
        await CallAsync(method, call, body, status, code);
        (await CallAsync("POST", "logged-models/search", """{"experiment_ids":["0","77","model-late"]}"""))["models"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Outputs_OfAModelThatIsNotThere_AreRefusedAndTheRunHasNone()
    {
        var run = (await CallAsync("POST", "runs/create", """{"experiment_id":"0"}"""))["run"]!["info"]!["run_id"]!.GetValue<string>();
        await CallAsync("POST", "runs/outputs", $$"""{"run_id":"{{run}}","models":[{"model_id":"m-1"}]}""", 404, "RESOURCE_DOES_NOT_EXIST");
        (await CallAsync("GET", $"runs/get?run_id={run}"))["run"]!["outputs"]!["model_outputs"]!.AsArray().ShouldBeEmpty();
    }

    private static IEnumerable<string> Pairs(JsonNode pairs) => pairs.AsArray().Select(p => $"{p!["key"]}={p["value"]}");

    private async Task<JsonNode> CallAsync(string method, string call, string? body = null, int status = 200, string? code = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/2.0/mlflow/" + call) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await host.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(status, $"{method} {call}: {await response.Content.ReadAsStringAsync()}");
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        answer["error_code"]?.GetValue<string>().ShouldBe(code);
        return answer;
    }
}
