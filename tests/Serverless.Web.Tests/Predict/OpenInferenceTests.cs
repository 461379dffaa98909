using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;

namespace Serverless.Web.Tests.Predict;

/// <summary>Against the Open Inference Protocol v2 (kserve/open-inference-protocol, inference_rest.md), with bodies as its clients write them.</summary>
public sealed class OpenInferenceTests(SharedWebHost shared) : IClassFixture<SharedWebHost>
{
    private const string Columns = """
        {"name":"date","shape":[2,1],"datatype":"BYTES","data":["2001-06-30T14:05:00Z","2001-06-30T18:40:00Z"]},
        {"name":"distance","shape":[2,1],"datatype":"FP32","data":[404.0,733.5]},
        {"name":"origin","shape":[2,1],"datatype":"BYTES","data":["ATL","ORD"]},
        {"name":"cancelled","shape":[2,1],"datatype":"BOOL","data":[false,true]}
        """;

    private readonly WebHost host = shared.Host;

    [Theory]
    [InlineData("/v2/health/live", """{"live":true}""")]
    [InlineData("/v2/health/ready", """{"ready":true}""")]
    [InlineData("/v2/models/late/ready", """{"name":"late","ready":true}""")]
    [InlineData("/v2/models/late/versions/1/ready", """{"name":"late","ready":true}""")]
    [InlineData("/v2", """{"name":"serverless","version":"*","extensions":[]}""")]
    public async Task Get_HealthAndServer_IsAsTheProtocolHasIt(string path, string expected)
    {
        if (path == "/v2/health/ready") await Eventually.TrueAsync(async () => (await host.Client.GetAsync(path)).IsSuccessStatusCode, "models are loaded");
        var body = await host.GetAsync(path);
        if (body["version"] is not null) body["version"] = "*";
        body.ToJsonString().ShouldBe(expected);
    }

    [Fact]
    public async Task Get_Model_DescribesItsTensors()
    {
        var body = await host.GetAsync("/v2/models/reason");
        body["name"]!.GetValue<string>().ShouldBe("reason");
        body["versions"]!.ToJsonString().ShouldBe("""["1"]""");
        body["platform"]!.GetValue<string>().ShouldBe("serverless_constant");
        body["inputs"]!.AsArray().Select(i => $"{i!["name"]} {i["datatype"]} {i["shape"]!.ToJsonString()}").ShouldBe(
            ["date BYTES [-1,1]", "distance FP64 [-1,1]", "origin BYTES [-1,1]", "seats INT64 [-1,1]", "cancelled BOOL [-1,1]"]);
        body["outputs"]!.AsArray().Select(i => $"{i!["name"]} {i["datatype"]} {i["shape"]!.ToJsonString()}").ShouldBe(
            ["prediction BYTES [-1,1]", "probability FP64 [-1,1]", "probabilities FP64 [-1,2]", "prediction_id BYTES [-1,1]"]);
        (await host.GetAsync("/v2/models/reason/versions/1")).ToJsonString().ShouldBe(body.ToJsonString());
    }

    [Fact]
    public async Task Infer_OneTensorForEachColumn_AnswersEachOutputAndEchoesTheId()
    {
        var (status, body) = await InferAsync("reason", $$"""{"id":"order-17","inputs":[{{Columns}}]}""");
        status.ShouldBe(200, body.ToJsonString());
        body["model_name"]!.GetValue<string>().ShouldBe("reason");
        body["model_version"]!.GetValue<string>().ShouldBe("1");
        body["id"]!.GetValue<string>().ShouldBe("order-17");
        body["outputs"]!.AsArray().Take(3).Select(o => o!.ToJsonString()).ShouldBe(
        [
            """{"name":"prediction","shape":[2,1],"datatype":"BYTES","data":["weather","weather"]}""",
            """{"name":"probability","shape":[2,1],"datatype":"FP64","data":[0.999,0.999]}""",
            """{"name":"probabilities","shape":[2,2],"datatype":"FP64","data":[0.999,0.001,0.999,0.001]}""",
        ]);
        var ids = body["outputs"]![3]!["data"]!.AsArray();
        (ids.Count, ids[0]!.GetValue<string>().Length).ShouldBe((2, 26));
    }

    [Fact]
    public async Task Infer_WithoutId_MakesOne()
    {
        var (_, body) = await InferAsync("late", $$"""{"inputs":[{{Columns}}]}""");
        body["id"]!.GetValue<string>().ShouldBe(body["outputs"]!.AsArray().Single(o => o!["name"]!.GetValue<string>() == "prediction_id")!["data"]![0]!.GetValue<string>());
    }

    // tritonclient 2.x, http/_client.py: InferInput.set_data_from_numpy(..., binary_data=False), InferRequestedOutput(..., binary_data=False), request_id.
    // kserve 0.16 SDK, InferRequest.to_rest(): model_name beside inputs, one FP64 column, data as numpy's flatten().tolist().
    // MLServer 1.6, PandasCodec.encode_request(frame, use_bytes=False).model_dump(): nulls for what is not set.
    [Theory]
    [InlineData("""{"id":"1","inputs":[{"name":"date","shape":[1,1],"datatype":"BYTES","data":["2001-06-30T14:05:00"]},{"name":"origin","shape":[1,1],"datatype":"BYTES","data":["ATL"]},{"name":"distance","shape":[1,1],"datatype":"FP32","data":[404.0]}],"outputs":[{"name":"prediction","parameters":{"binary_data":false}}]}""")]
    [InlineData("""{"id":"1","model_name":"late","inputs":[{"name":"date","shape":[1],"datatype":"BYTES","data":["2001-06-30 14:05:00"]},{"name":"origin","shape":[1],"datatype":"BYTES","data":["ATL"]},{"name":"distance","shape":[1],"datatype":"FP64","data":[404.0]}]}""")]
    [InlineData("""{"id":"1","parameters":{"content_type":"pd","headers":null},"inputs":[{"name":"date","shape":[1,1],"datatype":"BYTES","parameters":{"content_type":"str","headers":null},"data":["2001-06-30T14:05:00.123456"]},{"name":"origin","shape":[1,1],"datatype":"BYTES","parameters":{"content_type":"str","headers":null},"data":["ATL"]},{"name":"seats","shape":[1,1],"datatype":"INT64","parameters":null,"data":[120]},{"name":"distance","shape":[1,1],"datatype":"FP64","parameters":null,"data":[null]},{"name":"cancelled","shape":[1,1],"datatype":"BOOL","parameters":null,"data":[true]}],"outputs":null}""")]
    [InlineData("""{"id":"1","parameters":{"binary_data_output":true},"inputs":[{"data":[["2001-06-30"]],"datatype":"BYTES","shape":[1,1],"name":"date"},{"data":"ATL","name":"origin","datatype":"BYTES","shape":[1]}]}""")]
    public async Task Infer_AsAClientWritesIt_IsAnswered(string request)
    {
        var (status, body) = await InferAsync("late", request);
        status.ShouldBe(200, body.ToJsonString());
        body["id"]!.GetValue<string>().ShouldBe("1");
        body["outputs"]![0]!.ToJsonString().ShouldBe("""{"name":"prediction","shape":[1,1],"datatype":"BOOL","data":[false]}""");
    }

    // MLServer's content type "np", and what numpy users send everywhere: one tensor, any name, the model's inputs in their order.
    [Theory]
    [InlineData("""{"inputs":[{"name":"input-0","shape":[2,4],"datatype":"FP64","data":[1,2,3,1,4,5,null,0]}]}""")]
    [InlineData("""{"inputs":[{"name":"predict","shape":[2,4],"datatype":"FP32","parameters":{"content_type":"np"},"data":[[1.0,2.0,3.0,1.0],[4.0,5.0,null,0.0]]}]}""")]
    public async Task Infer_OneTensorOfAllNumbers_IsReadRowByRow(string request)
    {
        await using var own = await SharedWebHost.StartAsync();
        var (status, body) = await InferAsync(own, "numbers", request);
        status.ShouldBe(200, body.ToJsonString());
        body["outputs"]![0]!["data"]!.AsArray().Count.ShouldBe(2);
        await own.Predictions.FlushAsync();
        Logged(own, "numbers", "inputs").ShouldBe(
        [
            request.Contains("1.0", StringComparison.Ordinal) ? """{"a":1.0,"b":2.0,"c":3.0,"flag":true}""" : """{"a":1,"b":2,"c":3,"flag":true}""",
            request.Contains("1.0", StringComparison.Ordinal) ? """{"a":4.0,"b":5.0,"c":null,"flag":false}""" : """{"a":4,"b":5,"c":null,"flag":false}""",
        ]);
    }

    [Theory]
    [InlineData("BYTES", "[\"2001-06-30\",\"2001-07-01\"]", "[2]", null)]
    [InlineData("BYTES", "[[\"2001-06-30\"],[\"2001-07-01\"]]", "[2,1]", null)]
    [InlineData("BYTES", "[[[\"2001-06-30\"]],[[\"2001-07-01\"]]]", "[2,1,1]", null)]
    [InlineData("BYTES", "[[\"2001-06-30\",\"2001-07-01\"]]", "[2,1]", "inputs[0].data: before element 2: 2 items, where shape [2,1] says 1")]
    [InlineData("BYTES", "[[\"2001-06-30\",\"2001-07-01\"]]", "[2]", "inputs[0].data: element 0: an array, where shape [2] has a value")]
    [InlineData("BYTES", "[\"2001-06-30\",[\"2001-07-01\"]]", "[2,1]", "inputs[0].data: element 1: an array")]
    [InlineData("BYTES", "[\"2001-06-30\"]", "[2,1]", "inputs[0].data: 1 elements, where shape [2,1] makes 2")]
    [InlineData("BYTES", "[\"2001-06-30\",\"x\",\"y\"]", "[2,1]", "inputs[0].data: more elements than the 2 of shape [2,1]")]
    [InlineData("BYTES", "[\"2001-06-30\",5]", "[2,1]", "inputs[0].data[1]: BYTES takes strings, got a number")]
    [InlineData("BYTES", "{}", "[2,1]", "inputs[0].data: expected an array, got an object")]
    [InlineData("BYTES", "[{},{}]", "[2,1]", "inputs[0].data[0]: expected a value, got an object")]
    [InlineData("FP64", "[1,2]", "[2,1]", "inputs[0].datatype: 'date' takes BYTES, not FP64")]
    [InlineData("STRING", "[1,2]", "[2,1]", "inputs[0].datatype: 'STRING' is not known. Allowed: BOOL, UINT8")]
    [InlineData("BYTES", "[\"2001-06-30\",\"2001-07-01\"]", "[2,2]", "inputs[0].shape: 'date' has one value in each row: [2,1], not 2 in each")]
    [InlineData("BYTES", "[]", "[0,1]", "inputs[0].shape: no rows")]
    [InlineData("BYTES", "[]", "[]", "inputs[0].shape: empty")]
    [InlineData("BYTES", "[]", "[-1,1]", "inputs[0].shape: dimension 0: expected a whole number from 0")]
    [InlineData("BYTES", "[]", "[4294967296,4294967296,4294967296]", "10000 rows")]
    [InlineData("BYTES", "[]", "[2,9223372036854775807,9223372036854775807]", "inputs[0].shape: 'date' has one value in each row")]
    [InlineData("BYTES", "[]", "[1,1,1,1,1,1,1,1,1]", "inputs[0].shape: has more than 8 dimensions")]
    [InlineData("BYTES", "[]", "\"2\"", "inputs[0].shape: expected an array of whole numbers, got a string")]
    [InlineData("BYTES", "[]", "[99999999999999999999]", "inputs[0].shape: dimension 0: expected a whole number from 0")]
    [InlineData("BYTES", "[\"2001-06-30\",\"soon\"]", "[2,1]", "rows[1].date: expected a time")]
    public async Task Infer_ShapeAndData_AreHeldAgainstEachOther(string datatype, string data, string shape, string? error)
    {
        var (status, body) = await InferAsync("late", $$"""{"inputs":[{"name":"date","shape":{{shape}},"datatype":"{{datatype}}","data":{{data}}},{"name":"origin","shape":[2],"datatype":"BYTES","data":["ATL","ORD"]}]}""");
        if (error is null) status.ShouldBe(200, body.ToJsonString());
        else
        {
            status.ShouldBe(error == "10000 rows" ? 413 : 400, body.ToJsonString());
            body["error"]!.GetValue<string>().ShouldContain(error);
            body.AsObject().Count.ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("""{"name":"distence","shape":[2],"datatype":"FP64","data":[1,2]}""", "inputs[4].name: the model has no input 'distence'. Did you mean 'distance'?")]
    [InlineData("""{"name":"origin","shape":[2],"datatype":"BYTES","data":["A","B"]}""", "inputs[4].name: 'origin' is given twice")]
    [InlineData("""{"name":"seats","shape":[3],"datatype":"INT64","data":[1,2,3]}""", "inputs[4].shape: 3 rows, where the tensors before have 2")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"INT8","data":[1,300]}""", "inputs[4].data[1]: is no whole number in the range of INT8")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"UINT8","data":[1,-1]}""", "inputs[4].data[1]: is no whole number in the range of UINT8")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"INT64","data":[1,1.5]}""", "inputs[4].data[1]: is no whole number in the range of INT64")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"UINT16","data":[65535,65536]}""", "inputs[4].data[1]: is no whole number in the range of UINT16")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"UINT32","data":[4294967295,4294967296]}""", "inputs[4].data[1]: is no whole number in the range of UINT32")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"UINT64","data":[1,18446744073709551616]}""", "inputs[4].data[1]: is no whole number in the range of UINT64")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"INT16","data":[-32768,-32769]}""", "inputs[4].data[1]: is no whole number in the range of INT16")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"INT32","data":[2147483647,2147483648]}""", "inputs[4].data[1]: is no whole number in the range of INT32")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"FP16","data":[65504,65520]}""", "inputs[4].data[1]: is beyond the range of FP16")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"FP16","data":[-1e4,-1e5]}""", "inputs[4].data[1]: is beyond the range of FP16")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"FP32","data":[3e3,3.5e38]}""", "inputs[4].data[1]: is beyond the range of FP32")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"FP32","data":[1,1000000000000000000000000000000000000000]}""", "inputs[4].data[1]: is beyond the range of FP32")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"FP64","data":[1,1.5]}""", "rows[1].seats: expected a whole number, got 1.5")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"FP64","data":[1,1e400]}""", "rows[1].seats: expected a whole number")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"FP64","parameters":{"binary_data_size":16}}""", "inputs[4].parameters.binary_data_size: the binary tensor data extension is not offered here")]
    [InlineData("""{"name":"seats","shape":[2],"datatype":"FP64"}""", "inputs[4].data: missing")]
    [InlineData("""{"name":"seats","datatype":"FP64","data":[1,2]}""", "inputs[4].shape: missing")]
    [InlineData("""{"name":"seats","shape":[2],"data":[1,2]}""", "inputs[4].datatype: missing")]
    [InlineData("""{"shape":[2],"datatype":"FP64","data":[1,2]}""", "inputs[4].name: missing")]
    [InlineData("5", "inputs[4]: expected an object, got a number")]
    public async Task Infer_AWrongTensor_IsNamedWithItsField(string tensor, string error)
    {
        var (status, body) = await InferAsync("late", $$"""{"inputs":[{{Columns}},{{tensor}}]}""");
        status.ShouldBe(400);
        body["error"]!.GetValue<string>().ShouldContain(error);
    }

    [Theory]
    [InlineData("", "body: empty: expected {\"inputs\"")]
    [InlineData("[]", "body: expected an object")]
    [InlineData("{}", "inputs: missing")]
    [InlineData("""{"inputs":[]}""", "inputs: empty")]
    [InlineData("""{"inputs":{}}""", "inputs: expected an array of tensors, got an object")]
    [InlineData("""{"inputs":[],"inputs":[]}""", "inputs: given twice")]
    [InlineData("""{"id":7,"inputs":[COLUMNS]}""", "id: expected a string, got a number")]
    [InlineData("""{"parameters":[],"inputs":[COLUMNS]}""", "parameters: expected an object, got an array")]
    [InlineData("""{"parameters":{"subject":7},"inputs":[COLUMNS]}""", "subject: expected a string, got a number")]
    [InlineData("""{"inputs":[COLUMNS],"outputs":[{"name":"probabilty"}]}""", "outputs[0].name: the model has no output 'probabilty'. Did you mean 'probability'?")]
    [InlineData("""{"inputs":[COLUMNS],"outputs":[{"name":"prediction"},{"name":"prediction"}]}""", "outputs[1].name: 'prediction' is asked for twice")]
    [InlineData("""{"inputs":[{"name":"distance","shape":[1],"datatype":"FP64","data":[NaN]}]}""", "NaN and infinity are refused: send null where a value is missing")]
    [InlineData("""{"inputs":[{"name":"distance","shape":[1],"datatype":"FP64","data":[1]}]}""", "inputs: required column 'date' is missing")]
    [InlineData("""{"inputs":[{"name":"all","shape":[2,5],"datatype":"FP64","data":[1,1,1,1,1,1,1,1,1,1]}]}""", "inputs[0].datatype: one tensor for all inputs needs inputs of one kind, and 'date' takes BYTES")]
    [InlineData("""{"inputs":[{"name":"all","shape":[2,3],"datatype":"FP64","data":[1,1,1,1,1,1]}]}""", "inputs[0].shape: 3 values in each row, where the model has 5 inputs (date, distance, origin, seats, cancelled)")]
    public async Task Infer_AWrongRequest_IsRefusedWithItsField(string request, string error)
    {
        var (status, body) = await InferAsync("late", request.Replace("COLUMNS", Columns, StringComparison.Ordinal));
        status.ShouldBe(400);
        body["error"]!.GetValue<string>().ShouldContain(error);
    }

    [Fact]
    public async Task Infer_RequestedOutputs_AreThoseAndInThatOrder()
    {
        var (_, body) = await InferAsync("late", $$"""{"inputs":[{{Columns}}],"outputs":[{"name":"probability","parameters":{"classification":2} },{"name":"prediction","parameters":{"binary_data":true} }]}""");
        body["outputs"]!.AsArray().Select(o => o!["name"]!.GetValue<string>()).ShouldBe(["probability", "prediction"]);
    }

    [Fact]
    public async Task Infer_BinaryBody_SaysWhatToDo()
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.Add("Inference-Header-Content-Length", "2");
        using var response = await host.Client.PostAsync("/v2/models/late/infer", content);
        ((int)response.StatusCode).ShouldBe(400);
        (await response.Content.ReadFromJsonAsync<JsonNode>())!["error"]!.GetValue<string>().ShouldContain("binary tensor data extension is not offered here. Send the elements as JSON in 'data'");
    }

    [Fact]
    public async Task Infer_ByVersion_AsksThatVersionAndRecordsItsRole()
    {
        await using var own = await SharedWebHost.StartAsync();
        await own.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await own.Registry.RegisterAsync(Flights.Candidate("late", 3, needsApproval: true));
        var (status, body) = await InferAsync(own, "late/versions/2", $$"""{"inputs":[{{Columns}}]}""");
        (status, body["model_version"]!.GetValue<string>(), body["outputs"]![1]!["data"]![0]!.GetValue<double>()).ShouldBe((200, "2", 0.002));
        body["parameters"]!["role"]!.GetValue<string>().ShouldBe("requested");
        (await InferAsync(own, "late/versions/1", $$"""{"inputs":[{{Columns}}]}""")).Body["parameters"]!["role"]!.GetValue<string>().ShouldBe("champion");

        var waiting = await InferAsync(own, "late/versions/3", $$"""{"inputs":[{{Columns}}]}""");
        (waiting.Status, waiting.Body["error"]!.GetValue<string>()).ShouldBe((409, "version 3 of model 'late' waits for approval, so it does not answer"));
        (await own.GetAsync("/v2/models/late/versions/3/ready", 503))["ready"]!.GetValue<bool>().ShouldBeFalse();
        (await own.GetAsync("/v2/models/late/versions/9", 404))["error"]!.GetValue<string>().ShouldBe("model 'late' has no version 9; it has 1 to 3.");
        (await own.GetAsync("/v2/models/late/versions/latest/ready", 404))["error"]!.GetValue<string>().ShouldContain("no version 'latest'");
        (await own.GetAsync("/v2/models/lat", 404))["error"]!.GetValue<string>().ShouldContain("Did you mean 'late'?");
    }

    [Fact]
    public async Task Infer_Answered_IsInTheLogAsOurOwnRouteWouldHaveIt()
    {
        await using var own = await SharedWebHost.StartAsync();
        var (_, body) = await InferAsync(own, "late", $$"""{"id":"order-17","parameters":{"subject":"alice"},"inputs":[{{Columns}}]}""");
        await own.Predictions.FlushAsync();
        Logged(own, "late", "id").ShouldBe(body["outputs"]![2]!["data"]!.AsArray().Select(i => i!.GetValue<string>()));
        Logged(own, "late", "protocol").ShouldBe(["open-inference", "open-inference"]);
        Logged(own, "late", "key").ShouldBe(["order-17/0", "order-17/1"]);
        Logged(own, "late", "subject").ShouldBe(["alice", "alice"]);
        Logged(own, "late", "inputs")[1].ShouldBe("""{"date":"2001-06-30T18:40:00Z","distance":733.5,"origin":"ORD","cancelled":true}""");
    }

    private static List<string> Logged(WebHost host, string model, string column)
    {
        var files = Path.Combine(host.Folder, "objects", "predictions", model, "**", "*.parquet");
        using var duck = new DuckDBConnection("DataSource=:memory:");
        duck.Open();
        using var command = duck.CreateCommand();
        command.CommandText = $"select {column} from read_parquet('{files}') order by id";
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read()) values.Add(reader.GetString(0));
        return values;
    }

    private Task<(int Status, JsonNode Body)> InferAsync(string model, string request) => InferAsync(host, model, request);

    private static async Task<(int Status, JsonNode Body)> InferAsync(WebHost host, string model, string request)
    {
        using var response = await host.Client.PostAsync($"/v2/models/{model}/infer", new StringContent(request, Encoding.UTF8, "application/json"));
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }
}
