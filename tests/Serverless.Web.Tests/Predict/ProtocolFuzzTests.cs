using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Scoring;

namespace Serverless.Web.Tests.Predict;

/// <summary>The whole API without a socket, so that tens of thousands of bodies are a matter of seconds.</summary>
public sealed partial class ProtocolFuzzTests
{
    // 10,000 by the Open Inference Protocol, 20,000 by MLflow's, 10,000 by our own.
    private const int Each = 10_000;

    private const string Tensors = """
        {"id":"q","parameters":{"subject":"s"},"inputs":[{"name":"date","shape":[2,1],"datatype":"BYTES","data":["2001-06-30","2001-07-01"]},{"name":"distance","shape":[2],"datatype":"FP64","data":[404,null]},
        {"name":"origin","shape":[2,1],"datatype":"BYTES","data":[["ATL"],["ORD"]]},{"name":"seats","shape":[2],"datatype":"INT32","data":[1,2]},{"name":"cancelled","shape":[2],"datatype":"BOOL","data":[true,0]}],"outputs":[{"name":"prediction"}]}
        """;

    private static readonly string[] Invocations =
    [
        """{"dataframe_split":{"index":[0],"columns":["date","distance","origin"],"data":[["2001-06-30T14:05:00",404.0,"ATL"]]},"params":{"predict_method":"predict_proba","keys":["k"]}}""",
        """{"dataframe_records":[{"date":"2001-06-30T14:05:00","distance":404.0,"origin":"ATL"},{"origin":"ORD","date":"2001-06-30"}],"client_request_id":"c"}""",
        """{"instances":[["2001-06-30T14:05:00",404,"ATL",120,false],["2001-06-30T14:05:00",404,"ATL",120,null]]}""",
        """{"inputs":{"date":["2001-06-30","2001-07-01"],"origin":[["ATL"],["ORD"]],"cancelled":[true,0]}}""",
    ];

    [Theory]
    [InlineData("rows")]
    [InlineData("tensors")]
    [InlineData("invocations")]
    [InlineData("csv")]
    public async Task AnyBody_IsAnsweredOrRefusedWithTheField(string protocol)
    {
        await using var host = await WebHost.StartAsync();
        await host.Registry.RegisterAsync(Numbers.Candidate);
        await host.Registry.PromoteAsync(Numbers.Model, 1, "test", "");
        var api = new ApiPipeline(host.Get<IServiceProvider>());
        var mutations = new Mutations(20260323);
        var statuses = new SortedDictionary<int, int>();
        for (var i = 0; i < Each; i++)
        {
            var (path, type, body) = protocol switch
            {
                "rows" => ("/v1/models/late/predict", "application/json", mutations.Json($$"""{"rows":[{{Flights.GoodRow}},{{Flights.GoodRow}}],"subject":"é","keys":["a","b"]}""")),
                "tensors" when i % 4 == 0 => ("/v2/models/numbers/infer", "application/json", mutations.Json("""{"inputs":[{"name":"all","shape":[2,4],"datatype":"FP32","data":[[1,2,3,1],[4,5,6,0]]}]}""")),
                "tensors" => (i % 4 == 1 ? "/v2/models/reason/versions/1/infer" : "/v2/models/late/infer", "application/json", mutations.Json(Tensors)),
                "invocations" => ("/v1/models/reason/invocations", "application/json", mutations.Json(Invocations[i % Invocations.Length])),
                _ => ("/v1/models/late/invocations", "text/csv", mutations.Csv("date,distance,origin,seats,cancelled\n2001-06-30 14:05:00,404,ATL,120,true\n2001-07-01,,\"O\"\"RD\",,0\n")),
            };
            var (status, answer) = await AskAsync(api, host, path, type, body);
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            var said = () => $"body {i} of {protocol}: {Encoding.UTF8.GetString(body)} -> {status} {answer}";
            status.ShouldBeOneOf([200, 400, 413], said());
            if (status == 400) Field(protocol, answer).ShouldBeTrue(said());
        }

        // The mutations are neither all fatal nor all harmless.
        statuses.GetValueOrDefault(200).ShouldBeGreaterThan(Each / 60);
        statuses.GetValueOrDefault(400).ShouldBeGreaterThan(Each / 5);
        host.Log.Entries.ShouldNotContain(e => e.Id == 6001);
        host.Get<IPredictionLog>().Dropped.ShouldBe(0);
    }

    private static async Task<(int Status, string Answer)> AskAsync(ApiPipeline api, WebHost host, string path, string type, byte[] body)
    {
        using var scope = host.Get<IServiceScopeFactory>().CreateScope();
        using var answer = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        (context.Request.Method, context.Request.Path, context.Request.ContentType, context.Request.ContentLength) = ("POST", path, type, body.Length);
        context.Request.Body = new MemoryStream(body);
        context.Response.Body = answer;
        // What hangs fails here, long before the run's own time is over.
        await api.ExecuteAsync(context).WaitAsync(TimeSpan.FromMinutes(1));
        await context.Response.CompleteAsync();
        return (context.Response.StatusCode, Encoding.UTF8.GetString(answer.ToArray()));
    }

    /// <summary>Every other address that takes a body, with its own example changed: never a fault of ours, and what is wrong is said.</summary>
    [Fact]
    public async Task AnyBody_OfAnyOtherRoute_IsAnsweredOrRefused()
    {
        const int Bodies = 150;
        await using var host = await WebHost.StartAsync(services: s => s.AddSingleton(System.Reflection.DispatchProxy.Create<Partitions.IDataEngine, Idle>()));
        var api = new ApiPipeline(host.Get<IServiceProvider>());
        var mutations = new Mutations(20260324);
        var document = await host.GetAsync("/openapi/v1.json");
        var (routes, statuses) = (0, new SortedDictionary<int, int>());
        foreach (var (template, item) in document["paths"]!.AsObject())
        {
            if (item!["post"] is not { } operation || template.Split('/')[^1] is "predict" or "infer" or "invocations") continue;
            if (operation["requestBody"]?["content"]?["application/json"] is not { } media) continue;
            routes++;
            var path = Path().Replace(template, m => m.Groups[1].Value switch { "model" => "late", "version" => "1", "run" => "train-20260101000000-abcdef", _ => "none" });
            var example = (media["example"] ?? media["examples"]?.AsObject().First().Value!["value"])?.ToJsonString() ?? """{"comment":"x"}""";
            for (var i = 0; i < Bodies; i++)
            {
                var body = mutations.Json(example);
                var (status, answer) = await AskAsync(api, host, path, "application/json", body);
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
                var said = () => $"{path} {Encoding.UTF8.GetString(body)} -> {status} {answer} {string.Join(' ', host.Log.Entries.Where(e => e.Id == 6001).Select(e => e.Text))}";
                status.ShouldBeLessThan(500, said());
                if (status == 400) (JsonNode.Parse(answer)!["errors"] as JsonObject)?.Count.ShouldBeGreaterThan(0, said());
                if (status == 400) JsonNode.Parse(answer)!["errors"].ShouldNotBeNull(said());
                if (template == "/v1/feedback" && status == 200) JsonNode.Parse(answer)!["rejected"]!.AsArray().ShouldAllBe(r => r!["field"]!.GetValue<string>().StartsWith("items["));
            }
        }

        routes.ShouldBeGreaterThan(12);
        statuses.Keys.ShouldContain(400);
        host.Log.Entries.ShouldNotContain(e => e.Id == 6001);
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Path();

    /// <summary>Runs are started here, and none is worked on.</summary>
    public class Idle : System.Reflection.DispatchProxy
    {
        protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args) => throw new NotSupportedException(targetMethod?.Name);
    }

    /// <summary>The judge itself: what names no field does not pass.</summary>
    [Theory]
    [InlineData("rows", """{"title":"x","errors":{}}""", false)]
    [InlineData("rows", """{"title":"x","detail":"rows[0].date: wrong"}""", false)]
    [InlineData("rows", """{"errors":{"rows[0].date":["expected a time"]}}""", true)]
    [InlineData("tensors", """{"error":"something: went wrong"}""", false)]
    [InlineData("tensors", """{"error":"inputs[0].shape"}""", false)]
    [InlineData("tensors", """{"error":"inputs[0].shape: missing"}""", true)]
    [InlineData("tensors", """{"error":"rows[1].date: expected a time"}""", true)]
    [InlineData("invocations", """{"error_code":"BAD_REQUEST","message":"Bad: request"}""", false)]
    [InlineData("invocations", """{"error_code":"BAD_REQUEST","message":"dataframe_split.data[0]: 3 values"}""", true)]
    [InlineData("csv", """{"error_code":"BAD_REQUEST","message":"line 2: is wrong"}""", false)]
    [InlineData("csv", """{"error_code":"BAD_REQUEST","message":"orgin: unknown column. Known: date."}""", true)]
    public void Field_OfARefusal_IsWhereTheTroubleIs(string protocol, string answer, bool named) => Field(protocol, answer).ShouldBe(named);

    /// <summary>Whether a refusal has the form of its protocol and says where the trouble is: a place of the request, then what is wrong there.</summary>
    private static bool Field(string protocol, string answer)
    {
        var body = JsonNode.Parse(answer)!.AsObject();
        if (protocol == "rows") return body["errors"] is JsonObject { Count: > 0 } errors && errors.All(e => e.Key.Length > 0 && e.Value!.AsArray().Count > 0);
        var text = (protocol == "tensors" ? body["error"] : body["message"])!.GetValue<string>();
        return protocol switch
        {
            "tensors" => Tensor().IsMatch(text),
            "csv" => Table().IsMatch(text),
            _ => Invocation().IsMatch(text),
        };
    }

    [GeneratedRegex(@"^(body|id|subject|parameters|inputs(\[\d+\](\.[a-z_.]+(\[\d+\])?)?)?|outputs(\[\d+\](\.name)?)?|rows(\[\d+\](\.\w+)?)?): .")]
    private static partial Regex Tensor();

    [GeneratedRegex(@"^(body|client_request_id|params(\.\w+)?|subject|keys(\[\d+\])?|(dataframe_split|dataframe_records|instances|inputs|rows)(\.(columns|data))?(\[\d+\])?(\..*?)?): .", RegexOptions.Singleline)]
    private static partial Regex Invocation();

    // A column of the header is a field too, whatever it is called.
    [GeneratedRegex(@"^((body|rows(\[\d+\](\.\w+)?)?): .|.{0,70}: (unknown column|given twice in the header|required, but the header))", RegexOptions.Singleline)]
    private static partial Regex Table();
}
