using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Runs;
using Serverless.Workspaces;

namespace Serverless.Web.Tests.Mlflow;

/// <summary>Requests as MLflow's own client sends them (mlflow/store/tracking/rest_store.py and model_registry/rest_store.py of 2.17 and 3.11).</summary>
public sealed class MlflowApiTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync(services: s => s.AddSingleton<IRunEngine, ThreeRuns>());

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Run_LoggedAsTheClientDoes_IsReadBack()
    {
        (await FailAsync("GET", "experiments/get-by-name?experiment_name=trial", null, 404)).ShouldBe("RESOURCE_DOES_NOT_EXIST");
        var experiment = Text(await CallAsync("POST", "experiments/create", """{"name":"trial","tags":[{"key":"team","value":"x"}]}"""), "experiment_id");
        Text((await CallAsync("GET", "experiments/get-by-name?experiment_name=trial"))["experiment"]!, "experiment_id").ShouldBe(experiment);
        (await FailAsync("POST", "experiments/create", """{"name":"trial"}""", 400)).ShouldBe("RESOURCE_ALREADY_EXISTS");

        var created = (await CallAsync("POST", "runs/create", $$"""{"experiment_id":"{{experiment}}","user_id":"ann","run_name":"first","start_time":1700000000000,"tags":[{"key":"mlflow.user","value":"ann"}]}"""))["run"]!["info"]!;
        var run = Text(created, "run_id");
        (Text(created, "status"), Text(created, "run_name"), Text(created, "lifecycle_stage"), created["start_time"]!.GetValue<long>()).ShouldBe(("RUNNING", "first", "active", 1700000000000));
        // Whole numbers as numbers and as texts, NaN and infinities as texts: protobuf's JSON has both.
        await CallAsync("POST", "runs/log-batch", $$"""
            {"run_id":"{{run}}","metrics":[{"key":"loss","value":0.5,"timestamp":1,"step":0},{"key":"loss","value":0.25,"timestamp":"2","step":"1"},{"key":"bad","value":"NaN","timestamp":1,"step":0},{"key":"far","value":"-Infinity","timestamp":1}],
             "params":[{"key":"lr","value":"0.1"}],"tags":[{"key":"k","value":"v"}]}
            """);
        await CallAsync("POST", "runs/log-metric", $$"""{"run_uuid":"{{run}}","run_id":"{{run}}","key":"loss","value":0.75,"timestamp":0,"step":0}""");
        await CallAsync("POST", "runs/log-metric", $$"""{"run_id":"{{run}}","key":"loss","value":0.25,"timestamp":2,"step":1}""");
        await CallAsync("POST", "runs/update", $$"""{"run_uuid":"{{run}}","run_id":"{{run}}","status":"FINISHED","end_time":1700000001000}""");

        var found = (await CallAsync("GET", $"runs/get?run_uuid={run}&run_id={run}"))["run"]!;
        (Text(found["info"]!, "status"), found["info"]!["end_time"]!.GetValue<long>()).ShouldBe(("FINISHED", 1700000001000));
        found["data"]!["metrics"]!.AsArray().Select(m => $"{m!["key"]} {m["value"]} {m["step"]}").ShouldBe(["bad NaN 0", "far -Infinity 0", "loss 0.25 1"]);
        found["data"]!["params"]!.AsArray().Select(p => $"{p!["key"]}={p["value"]}").ShouldBe(["lr=0.1"]);
        found["data"]!["tags"]!.AsArray().Select(p => $"{p!["key"]}={p["value"]}").ShouldBe(["k=v", "mlflow.runName=first", "mlflow.user=ann"]);
        // The value that was sent twice is there once.
        (await CallAsync("GET", $"metrics/get-history?run_id={run}&metric_key=loss"))["metrics"]!.AsArray().Select(m => m!["value"]!.GetValue<double>()).ShouldBe([0.75, 0.5, 0.25]);

        (await FailAsync("POST", "runs/log-parameter", $$"""{"run_id":"{{run}}","key":"lr","value":"0.2"}""", 400)).ShouldBe("INVALID_PARAMETER_VALUE");
        await CallAsync("POST", "runs/log-parameter", $$"""{"run_id":"{{run}}","key":"lr","value":"0.1"}""");
        await CallAsync("POST", "runs/delete", $$"""{"run_id":"{{run}}"}""");
        (await FailAsync("POST", "runs/set-tag", $$"""{"run_id":"{{run}}","key":"a","value":"b"}""", 400)).ShouldBe("INVALID_PARAMETER_VALUE");
        (await NamesAsync(experiment, "")).ShouldBeEmpty();
        await CallAsync("POST", "runs/restore", $$"""{"run_id":"{{run}}"}""");
        (await NamesAsync(experiment, "")).ShouldBe(["first"]);
    }

    [Fact]
    public async Task LogBatch_OneParameterThatChanges_KeepsNothingOfTheBatch()
    {
        var run = await RunAsync("0", "r");
        await CallAsync("POST", "runs/log-batch", $$"""{"run_id":"{{run}}","params":[{"key":"a","value":"1"}]}""");
        (await FailAsync("POST", "runs/log-batch", $$"""{"run_id":"{{run}}","metrics":[{"key":"m","value":1}],"params":[{"key":"b","value":"2"},{"key":"a","value":"2"}],"tags":[{"key":"t","value":"x"}]}""", 400)).ShouldBe("INVALID_PARAMETER_VALUE");
        var data = (await CallAsync("GET", $"runs/get?run_id={run}"))["run"]!["data"]!;
        data["metrics"]!.AsArray().ShouldBeEmpty();
        data["params"]!.AsArray().Count.ShouldBe(1);
        (await CallAsync("GET", $"metrics/get-history?run_id={run}&metric_key=m"))["metrics"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task LogMetric_ManyAtOnce_LosesNone()
    {
        var run = await RunAsync("0", "r");
        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => CallAsync("POST", "runs/log-batch", $$"""{"run_id":"{{run}}","metrics":[{"key":"m","value":{{i}},"timestamp":1,"step":{{i}}},{"key":"m{{i}}","value":1,"timestamp":1}]}""")));
        (await CallAsync("GET", $"metrics/get-history?run_id={run}&metric_key=m"))["metrics"]!.AsArray().Count.ShouldBe(24);
        (await CallAsync("GET", $"runs/get?run_id={run}"))["run"]!["data"]!["metrics"]!.AsArray().Count.ShouldBe(25);
    }

    [Fact]
    public async Task SearchRuns_FiltersOrdersAndPages()
    {
        var experiment = Text(await CallAsync("POST", "experiments/create", """{"name":"search"}"""), "experiment_id");
        for (var i = 1; i <= 3; i++)
        {
            var run = await RunAsync(experiment, $"run {i}");
            await CallAsync("POST", "runs/log-batch", $$"""{"run_id":"{{run}}","metrics":[{"key":"val auc","value":0.{{i}},"timestamp":1}],"params":[{"key":"lr","value":"0.{{i}}"}],"tags":[{"key":"a.b","value":"{{(i == 2 ? "Even" : "odd")}}"}]}""");
        }

        async Task Expect(string filter, params string[] names) => (await NamesAsync(experiment, filter)).ShouldBe(names, filter);
        await Expect("metrics.`val auc` > 0.15", "run 3", "run 2");
        await Expect("""metric."val auc" <= 0.2 and params.lr != '0.2'""", "run 1");
        await Expect("tags.a.b = 'odd' AND attributes.status = 'RUNNING'", "run 3", "run 1");
        await Expect("tags.`a.b` LIKE 'E_e%'", "run 2");
        await Expect("tags.`a.b` LIKE 'e%'");
        await Expect("tags.`a.b` ILIKE 'e%'", "run 2");
        await Expect("params.lr IN ('0.1', '0.3')", "run 3", "run 1");
        await Expect("run_name = 'run 2'", "run 2");
        await Expect("tags.none != 'x'");
        await Expect("tags.none IS NULL and start_time > 0", "run 3", "run 2", "run 1");
        foreach (var filter in new[] { "metrics.auc >", "metrics.auc > 'x'", "params.lr > 3", "nothing.x = 'y'", "status = 'a' or status = 'b'", "run_name = 'a", "colour = 'red'", "lr ~ 3" })
        {
            var answer = await SendAsync("POST", "runs/search", $$"""{"experiment_ids":["{{experiment}}"],"filter":{{JsonValue.Create(filter)!.ToJsonString()}}}""", 400);
            answer["error_code"]!.GetValue<string>().ShouldBe("INVALID_PARAMETER_VALUE");
            answer["message"]!.GetValue<string>().ShouldStartWith($"Invalid clause in '{filter}' at position ", customMessage: filter);
        }

        var names = new List<string>();
        string? token = null;
        do
        {
            var page = await CallAsync("POST", "runs/search", $$"""{"experiment_ids":["{{experiment}}"],"max_results":2,"order_by":["metrics.`val auc` ASC"]{{(token is null ? "" : $",\"page_token\":\"{token}\"")}}}""");
            names.AddRange(page["runs"]!.AsArray().Select(r => Text(r!["info"]!, "run_name")));
            token = page["next_page_token"]?.GetValue<string>();
        }
        while (token is not null);
        names.ShouldBe(["run 1", "run 2", "run 3"]);
        (await FailAsync("POST", "runs/search", $$"""{"experiment_ids":["{{experiment}}"],"max_results":60000}""", 400)).ShouldBe("INVALID_PARAMETER_VALUE");
        (await FailAsync("POST", "runs/search", $$"""{"experiment_ids":["{{experiment}}"],"page_token":"?"}""", 400)).ShouldBe("INVALID_PARAMETER_VALUE");
    }

    [Fact]
    public async Task Artifacts_PutByTheClient_AreListedAndReadAndNoneLeavesItsFolder()
    {
        var run = await RunAsync("0", "r");
        var root = Text((await CallAsync("GET", $"runs/get?run_id={run}"))["run"]!["info"]!, "artifact_uri");
        root.ShouldBe($"mlflow-artifacts:/experiments/0/{run}/artifacts");
        var proxy = $"/api/2.0/mlflow-artifacts/artifacts/experiments/0/{run}/artifacts/";
        (await host.Client.PutAsync(proxy + "notes/a.txt", new StringContent("hello"))).EnsureSuccessStatusCode();
        (await host.Client.PutAsync(proxy + "b.txt", new StringContent("hi"))).EnsureSuccessStatusCode();
        var listed = await CallAsync("GET", $"artifacts/list?run_id={run}");
        Text(listed, "root_uri").ShouldBe(root);
        listed["files"]!.AsArray().Select(f => $"{f!["path"]} {f["is_dir"]} {f["file_size"]}").ShouldBe(["notes true ", "b.txt false 2"]);
        (await CallAsync("GET", $"artifacts/list?run_id={run}&path=notes"))["files"]!.AsArray().Select(f => $"{f!["path"]}").ShouldBe(["notes/a.txt"]);
        (await host.Client.GetStringAsync(proxy + "notes/a.txt")).ShouldBe("hello");
        foreach (var path in new[] { "models/late/1/model.zip", "runs/train-1/model.zip", "experiments/0/%2e%2e/%2e%2e/x", "store.db", "experiments/0" })
        {
            ((int)(await host.Client.PutAsync("/api/2.0/mlflow-artifacts/artifacts/" + path, new StringContent("x"))).StatusCode).ShouldBeOneOf([400, 403], path);
        }
    }

    [Fact]
    public async Task OwnModels_AreReadableAndCannotBeForged()
    {
        var model = (await CallAsync("GET", "registered-models/get?name=late"))["registered_model"]!;
        model["aliases"]!.AsArray().Select(a => $"{a!["alias"]}={a["version"]}").ShouldBe(["champion=1"]);
        var version = (await CallAsync("GET", "registered-models/alias?name=late&alias=champion"))["model_version"]!;
        (Text(version, "version"), Text(version, "status"), Text(version, "source")).ShouldBe(("1", "READY", "mlflow-artifacts:/models/late/1"));
        (await FailAsync("POST", "registered-models/create", """{"name":"late"}""", 400)).ShouldBe("RESOURCE_ALREADY_EXISTS");
        (await FailAsync("POST", "model-versions/create", """{"name":"late","source":"s3://elsewhere/model","run_id":"x"}""", 403)).ShouldBe("PERMISSION_DENIED");
        (await FailAsync("DELETE", "model-versions/delete", """{"name":"late","version":"1"}""", 403)).ShouldBe("PERMISSION_DENIED");
        (await FailAsync("DELETE", "registered-models/delete", """{"name":"late"}""", 403)).ShouldBe("PERMISSION_DENIED");
        (await FailAsync("DELETE", "registered-models/alias", """{"name":"late","alias":"champion"}""", 403)).ShouldBe("PERMISSION_DENIED");
        (await FailAsync("POST", "registered-models/alias", """{"name":"late","alias":"champion","version":"9"}""", 404)).ShouldBe("RESOURCE_DOES_NOT_EXIST");

        // The registry's own rules: signature first, and the audit.
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        var manifest = Path.Combine(host.Folder, "objects", "models", "late", "2", "manifest.json");
        var content = await File.ReadAllTextAsync(manifest);
        await File.WriteAllTextAsync(manifest, content.Replace("\"version\": 2", "\"version\":  2"));
        (await FailAsync("POST", "registered-models/alias", """{"name":"late","alias":"champion","version":"2"}""", 409)).ShouldBe("INVALID_STATE");
        await File.WriteAllTextAsync(manifest, content);
        await CallAsync("POST", "registered-models/alias", """{"name":"late","alias":"champion","version":"2"}""");
        (await host.Registry.AuditAsync("late"))[^1].ShouldSatisfyAllConditions(a => a.Action.ShouldBe("promoted"), a => a.By.ShouldBe("api"), a => a.Version.ShouldBe(2));
        await CallAsync("POST", "model-versions/set-tag", """{"name":"late","version":"2","key":"note","value":"n"}""");
        (await CallAsync("GET", "model-versions/get?name=late&version=2"))["model_version"]!["tags"]!.AsArray().Select(t => $"{t!["key"]}").ShouldContain("note");
    }

    [Fact]
    public async Task OwnRuns_AreAnExperimentToReadOnly()
    {
        var experiment = Text((await CallAsync("GET", "experiments/get-by-name?experiment_name=late"))["experiment"]!, "experiment_id");
        (await FailAsync("POST", "experiments/create", """{"name":"late"}""", 400)).ShouldBe("RESOURCE_ALREADY_EXISTS");
        (await FailAsync("POST", "runs/create", $$"""{"experiment_id":"{{experiment}}"}""", 403)).ShouldBe("PERMISSION_DENIED");
        (await FailAsync("POST", "experiments/delete", $$"""{"experiment_id":"{{experiment}}"}""", 403)).ShouldBe("PERMISSION_DENIED");
    }

    [Fact]
    public async Task ForeignModels_HaveVersionsStagesAndAliasesOfTheirOwn()
    {
        await CallAsync("POST", "registered-models/create", """{"name":"theirs","tags":[{"key":"a","value":"b"}],"description":"d"}""");
        for (var i = 1; i <= 2; i++) Text((await CallAsync("POST", "model-versions/create", """{"name":"theirs","source":"runs:/x/model"}"""))["model_version"]!, "version").ShouldBe($"{i}");
        await CallAsync("POST", "registered-models/alias", """{"name":"theirs","alias":"champion","version":"2"}""");
        Text((await CallAsync("GET", "registered-models/alias?name=theirs&alias=champion"))["model_version"]!, "version").ShouldBe("2");
        (await CallAsync("GET", "model-versions/search?filter=name%3D%27theirs%27&max_results=1&order_by=version_number%20ASC"))["model_versions"]!.AsArray().Select(v => Text(v!, "version")).ShouldBe(["1"]);
        // MLflow 3 adds the second clause to every search.
        (await CallAsync("GET", "registered-models/search?filter=name%20LIKE%20%27the%25%27%20AND%20tag.%60mlflow.prompt.is_prompt%60%20%21%3D%20%27true%27"))["registered_models"]!.AsArray().Select(m => Text(m!, "name")).ShouldBe(["theirs"]);
        Text((await CallAsync("POST", "model-versions/transition-stage", """{"name":"theirs","version":"1","stage":"production","archive_existing_versions":true}"""))["model_version"]!, "current_stage").ShouldBe("Production");
        await CallAsync("PATCH", "model-versions/update", """{"name":"theirs","version":"1","description":"text"}""");
        await CallAsync("POST", "registered-models/rename", """{"name":"theirs","new_name":"others"}""");
        Text((await CallAsync("GET", "model-versions/get?name=others&version=1"))["model_version"]!, "description").ShouldBe("text");
        await CallAsync("DELETE", "model-versions/delete", """{"name":"others","version":"2"}""");
        // A number is not given a second time.
        Text((await CallAsync("POST", "model-versions/create", """{"name":"others","source":"x"}"""))["model_version"]!, "version").ShouldBe("3");
        (await FailAsync("POST", "registered-models/create", """{"name":"a/b"}""", 400)).ShouldBe("INVALID_PARAMETER_VALUE");
        (await FailAsync("POST", "registered-models/alias", """{"name":"others","alias":"v2","version":"1"}""", 400)).ShouldBe("INVALID_PARAMETER_VALUE");
        await CallAsync("DELETE", "registered-models/delete", """{"name":"others"}""");
        (await FailAsync("GET", "registered-models/get?name=others", null, 404)).ShouldBe("RESOURCE_DOES_NOT_EXIST");
    }

    [Theory]
    [InlineData("GET", "experiments/nothing", null, 404, "ENDPOINT_NOT_FOUND")]
    [InlineData("POST", "experiments/create", "{}", 400, "INVALID_PARAMETER_VALUE")]
    [InlineData("POST", "experiments/create", "{", 400, "BAD_REQUEST")]
    [InlineData("POST", "experiments/create", "[]", 400, "BAD_REQUEST")]
    [InlineData("POST", "runs/log-metric", """{"run_id":"x","key":"m","value":"high"}""", 400, "INVALID_PARAMETER_VALUE")]
    [InlineData("GET", "runs/get?run_id=..%2F..", null, 404, "RESOURCE_DOES_NOT_EXIST")]
    [InlineData("POST", "runs/search", """{"run_view_type":"SOME"}""", 200, null)]
    public async Task BadRequest_IsAnsweredAsMlflowDoes(string method, string call, string? body, int status, string? code)
    {
        var answer = await SendAsync(method, call, body, status);
        answer["error_code"]?.GetValue<string>().ShouldBe(code);
    }

    [Fact]
    public async Task Keys_ScopesHold()
    {
        string Hash(string key) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        await using var guarded = await WebHost.StartAsync(Flights.Workspace(
            new ApiKeySettings { Name = "p", Sha256 = Hash("predict"), Scopes = ["predict"] }, new ApiKeySettings { Name = "o", Sha256 = Hash("operate"), Scopes = ["operate"] }));
        async Task<(int, string?)> Ask(string? key, HttpMethod method, string call, string? body = null)
        {
            using var request = new HttpRequestMessage(method, "/api/2.0/mlflow/" + call) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            // As MLflow's client sends MLFLOW_TRACKING_TOKEN.
            if (key is not null) request.Headers.Authorization = new("Bearer", key);
            using var response = await guarded.Client.SendAsync(request);
            return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!["error_code"]?.GetValue<string>());
        }

        (await Ask(null, HttpMethod.Get, "registered-models/get?name=late")).ShouldBe((401, "UNAUTHENTICATED"));
        (await Ask("predict", HttpMethod.Get, "registered-models/get?name=late")).ShouldBe((403, "PERMISSION_DENIED"));
        (await Ask("predict", HttpMethod.Post, "registered-models/alias", """{"name":"late","alias":"champion","version":"1"}""")).ShouldBe((403, "PERMISSION_DENIED"));
        (await Ask("operate", HttpMethod.Get, "registered-models/get?name=late")).ShouldBe((200, null));
        (await Ask("operate", HttpMethod.Post, "registered-models/create", """{"name":"theirs"}""")).ShouldBe((200, null));
        (await Ask("operate", HttpMethod.Delete, "registered-models/delete", """{"name":"theirs"}""")).ShouldBe((403, "PERMISSION_DENIED"));
    }

    private async Task<string> RunAsync(string experiment, string name) => Text((await CallAsync("POST", "runs/create", $$"""{"experiment_id":"{{experiment}}","run_name":"{{name}}","start_time":{{++clock}}}"""))["run"]!["info"]!, "run_id");

    private long clock = 1_700_000_000_000;

    private async Task<IEnumerable<string>> NamesAsync(string experiment, string filter) =>
        (await CallAsync("POST", "runs/search", $$"""{"experiment_ids":["{{experiment}}"],"filter":{{JsonValue.Create(filter)!.ToJsonString()}},"run_view_type":"ACTIVE_ONLY"}"""))["runs"]!.AsArray().Select(r => Text(r!["info"]!, "run_name"));

    private Task<JsonNode> CallAsync(string method, string call, string? body = null) => SendAsync(method, call, body, 200);

    private async Task<string> FailAsync(string method, string call, string? body, int status) => Text(await SendAsync(method, call, body, status), "error_code");

    private async Task<JsonNode> SendAsync(string method, string call, string? body, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/2.0/mlflow/" + call) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await host.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(status, $"{method} {call}: {await response.Content.ReadAsStringAsync()}");
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
