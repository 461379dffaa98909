using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;

namespace Serverless.Web.Tests.Predict;

/// <summary>Against MLflow's scoring server (mlflow/pyfunc/scoring_server), with bodies as its client and pandas write them.</summary>
public sealed class InvocationsTests(SharedWebHost shared) : IClassFixture<SharedWebHost>
{
    private const string Row = """["2001-06-30T14:05:00",404,"ATL",120,false]""";

    private readonly WebHost host = shared.Host;

    [Theory]
    [InlineData("""{"dataframe_split":{"index":[0,1],"columns":["date","distance","origin"],"data":[["2001-06-30T14:05:00",404.0,"ATL"],["2001-06-30T14:05:00",NaN,"NaN"]]}}""", 2)]
    [InlineData("""{"dataframe_split":{"data":[["2001-06-30T14:05:00",404.0,"ATL"],["2001-06-30T14:05:00",null,"ORD"]],"columns":["date","distance","origin"]},"params":{"temperature":0.1}}""", 2)]
    [InlineData("""{"dataframe_split":{"data":[ROW]}}""", 1)]
    [InlineData("""{"dataframe_records":[{"date":"2001-06-30T14:05:00","distance":404.0,"origin":"ATL"},{"origin":"ORD","date":"2001-06-30","distance":NaN}]}""", 2)]
    [InlineData("""{"instances":[{"date":"2001-06-30T14:05:00","origin":"ATL"}]}""", 1)]
    [InlineData("""{"instances":[ROW,ROW,ROW]}""", 3)]
    [InlineData("""{"inputs":[ROW,ROW]}""", 2)]
    [InlineData("""{"inputs":{"date":["2001-06-30","2001-07-01"],"origin":["ATL","ORD"],"cancelled":[true,0]}}""", 2)]
    [InlineData("""{"inputs":{"date":[["2001-06-30"],["2001-07-01"]],"origin":[["ATL"],["ORD"]]}}""", 2)]
    [InlineData("""{"inputs":{"date":"2001-06-30","origin":"ATL"},"params":null}""", 1)]
    public async Task Invocations_EachForm_IsAnsweredRowByRow(string request, int rows)
    {
        var (status, body) = await InvokeAsync("reason", request.Replace("ROW", Row, StringComparison.Ordinal));
        status.ShouldBe(200, body.ToJsonString());
        body["predictions"]!.AsArray().Select(p => p!.GetValue<string>()).ShouldBe(Enumerable.Repeat("weather", rows));
        body["ids"]!.AsArray().Count.ShouldBe(rows);
    }

    [Theory]
    [InlineData("late", "predict", "[false]")]
    [InlineData("late", "predict_proba", "[[0.999,0.001]]")]
    [InlineData("reason", "predict_proba", "[[0.999,0.001]]")]
    [InlineData("minutes", "predict", "[1]")]
    public async Task Invocations_PredictMethod_IsThatOfTheSklearnFlavour(string model, string method, string predictions)
    {
        var (status, body) = await InvokeAsync(model, $$"""{"instances":[{{Row}}],"params":{"predict_method":"{{method}}"} }""");
        status.ShouldBe(200, body.ToJsonString());
        body["predictions"]!.ToJsonString().ShouldBe(predictions);
    }

    [Theory]
    [InlineData("text/csv", "date,distance,origin\n2001-06-30 14:05:00,404,ATL\n2001-06-30T14:05:00Z,,\"O\"\"RD, main\"\n")]
    [InlineData("text/csv; charset=UTF-8", "\uFEFF,date,distance,origin,cancelled\r\n0,2001-06-30,404.5,ATL,True\r\n1,2001-07-01,NaN,\"two\nlines\",FALSE")]
    [InlineData("text/csv;", "date,origin\n2001-06-30,ATL\n2001-06-30,ORD\n")]
    [InlineData("TEXT/CSV; header=present", "date,origin\n2001-06-30,ATL\n2001-06-30,ORD\n")]
    [InlineData("text/csv;charset=utf-8", "origin,date\n\nNA,2001-06-30\n\nZürich,2001-06-30\n\n")]
    public async Task Invocations_Csv_IsReadAsPandasWritesIt(string type, string csv)
    {
        var (status, body) = await InvokeAsync("late", csv, type);
        status.ShouldBe(200, body.ToJsonString());
        body["predictions"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Invocations_CsvInLatin1_IsRecordedAsItWasMeant()
    {
        await using var own = await SharedWebHost.StartAsync();
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes("date,origin,distance,seats\n2001-06-30,Zürich,+1.50,\n"));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("text/csv; charset=iso-8859-1");
        using var response = await own.Client.PostAsync("/v1/models/late/invocations", content);
        ((int)response.StatusCode).ShouldBe(200);
        await own.Predictions.FlushAsync();
        Logged(own, "late", "inputs, protocol").ShouldBe(["""{"date":"2001-06-30","origin":"Zürich","distance":1.5,"seats":null}|mlflow"""]);
    }

    [Theory]
    [InlineData("utf-16", false, true)]
    [InlineData("utf-16", true, true)]
    [InlineData("utf-16", false, false)]
    [InlineData("UTF-16LE", false, false)]
    [InlineData("utf-16be", true, false)]
    public async Task Invocations_CsvInUtf16_IsReadWithAndWithoutItsMark(string charset, bool bigEndian, bool mark)
    {
        var encoding = new UnicodeEncoding(bigEndian, byteOrderMark: mark);
        using var content = new ByteArrayContent([.. encoding.GetPreamble(), .. encoding.GetBytes("date,origin\n2001-06-30,Zürich\n")]);
        content.Headers.TryAddWithoutValidation("Content-Type", $"text/csv; charset={charset}");
        using var response = await host.Client.PostAsync("/v1/models/late/invocations", content);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("text/csv; charset=utf-7", "date\n1", 415, "charset 'utf-7' is not read here. Allowed: utf-8")]
    [InlineData("application/json; charset=utf-16", "{}", 415, "JSON is UTF-8")]
    [InlineData("application/xml", "<a/>", 415, "'application/xml' is not read here. Send application/json or text/csv.")]
    [InlineData("text/csv", "", 400, "body: empty: expected a CSV whose first line names the columns")]
    [InlineData("text/csv", "date,origin\n2001-06-30\n", 400, "rows[0]: line 2: 1 fields, where the header has 2")]
    [InlineData("text/csv", "date,origin\n2001-06-30,\"ATL\n", 400, "rows[0]: line 2: a quote that is never closed")]
    [InlineData("text/csv", "date,origin\n2001-06-30,\"A\"TL\n", 400, "rows[0]: line 2: text after a closing quote")]
    [InlineData("text/csv", "date,orgin\n2001-06-30,ATL\n", 400, "orgin: unknown column. Did you mean 'origin'?")]
    [InlineData("text/csv", "origin\nATL\n", 400, "date: required, but the header does not name it")]
    [InlineData("text/csv", "date,origin,origin\n2001-06-30,ATL,B\n", 400, "origin: given twice in the header")]
    [InlineData("text/csv", "date,origin,distance\n2001-06-30,ATL,far\n", 400, "rows[0].distance: expected a number, got a string")]
    [InlineData("text/csv", "date,origin,seats\n2001-06-30,,3\n", 400, "rows[0].origin: required, but null")]
    [InlineData("text/csv", "date,origin", 400, "rows: empty: send at least one row")]
    [InlineData("application/json", "", 400, "body: empty: expected {\"dataframe_split\"")]
    [InlineData("application/json", "[1]", 400, "body: expected an object")]
    [InlineData("application/json", """{"data":[]}""", 400, "body: has none of dataframe_split, dataframe_records, instances and inputs")]
    [InlineData("application/json", """{"instances":[],"inputs":[]}""", 400, "inputs: given beside 'instances'")]
    [InlineData("application/json", """{"instances":[]}""", 400, "instances: empty: send at least one row")]
    [InlineData("application/json", """{"instances":5}""", 400, "instances: expected a list of rows, got a number")]
    [InlineData("application/json", """{"instances":[[1,2]]}""", 400, "instances[0]: 2 values, where there are 5 columns (date, distance, origin, seats, cancelled)")]
    [InlineData("application/json", """{"instances":[{"date":"2001-06-30","origin":"ATL"},7]}""", 400, "instances[1]: expected an object, got a number")]
    [InlineData("application/json", """{"instances":[ROW,7]}""", 400, "instances[1]: expected a list of 5 values")]
    [InlineData("application/json", """{"dataframe_split":[]}""", 400, "dataframe_split: expected an object")]
    [InlineData("application/json", """{"dataframe_split":{"columns":["date"]}}""", 400, "dataframe_split.data: missing")]
    [InlineData("application/json", """{"dataframe_split":{"columns":["date","orgin"],"data":[]}}""", 400, "dataframe_split.columns[1]: unknown column. Did you mean 'origin'?")]
    [InlineData("application/json", """{"dataframe_split":{"columns":["date","date"],"data":[]}}""", 400, "dataframe_split.columns[1]: 'date' is given twice")]
    [InlineData("application/json", """{"dataframe_split":{"columns":["date","origin",7],"data":[]}}""", 400, "dataframe_split.columns[2]: expected a name, got a number")]
    [InlineData("application/json", """{"dataframe_split":{"columns":["date","origin"],"data":[["2001-06-30","ATL"],["2001-06-30",5]]}}""", 400, "dataframe_split.data[1].origin: expected a string, got a number")]
    [InlineData("application/json", """{"dataframe_records":[{"date":"2001-06-30","origin":"ATL","distance":Infinity}]}""", 400, "body: not valid JSON at line 1")]
    [InlineData("application/json", """{"inputs":{"date":["2001-06-30","2001-06-30"],"origin":["ATL"]}}""", 400, "inputs.origin: 1 values, where the columns before have 2")]
    [InlineData("application/json", """{"inputs":{"date":[["2001-06-30","x"]],"origin":["ATL"]}}""", 400, "inputs.date[0]: expected one value, got several")]
    [InlineData("application/json", """{"inputs":{"date":[{}],"origin":["ATL"]}}""", 400, "inputs.date[0]: expected one value")]
    [InlineData("application/json", """{"inputs":{"date":[[]],"origin":["ATL"]}}""", 400, "inputs.date[0]: expected one value")]
    [InlineData("application/json", """{"instances":[ROW],"params":7}""", 400, "params: expected an object, got a number")]
    [InlineData("application/json", """{"instances":[ROW],"params":{"keys":["a","b"]}}""", 400, "keys: 2 keys for 1 rows")]
    [InlineData("application/json", """{"instances":[ROW],"params":{"predict_method":"score"}}""", 400, "params.predict_method: 'score' is not known. Allowed: predict, predict_proba.")]
    public async Task Invocations_AWrongRequest_IsRefusedAsMlflowDoesWithItsField(string type, string request, int expected, string message)
    {
        var (status, body) = await InvokeAsync("late", request.Replace("ROW", Row, StringComparison.Ordinal), type);
        status.ShouldBe(expected, body.ToJsonString());
        body["error_code"]!.GetValue<string>().ShouldBe("BAD_REQUEST");
        body["message"]!.GetValue<string>().ShouldContain(message);
    }

    [Fact]
    public async Task Invocations_WithParams_RecordsSubjectAndKeys()
    {
        await using var own = await SharedWebHost.StartAsync();
        await InvokeAsync(own, "late", $$"""{"dataframe_split":{"data":[{{Row}},{{Row}}]},"params":{"subject":"alice","keys":["k1",null]} }""");
        await InvokeAsync(own, "late", $$"""{"instances":[{"date":"2001-06-30","origin":"ATL"}],"client_request_id":"r-9"}""");
        await own.Predictions.FlushAsync();
        Logged(own, "late", "key, subject, protocol").ShouldBe(["k1|alice|mlflow", "|alice|mlflow", "r-9||mlflow"]);
    }

    [Fact]
    public async Task Invocations_TooManyRows_AreRefused()
    {
        var (status, body) = await InvokeAsync("late", $$"""{"instances":[{{string.Join(',', Enumerable.Repeat(Row, 10_001))}}]}""");
        (status, body["error_code"]!.GetValue<string>()).ShouldBe((413, "RESOURCE_EXHAUSTED"));
    }

    [Fact]
    public async Task Invocations_OfSeveralModelsOrAnUnknownOne_SaysWhichThereAre()
    {
        using var response = await host.Client.PostAsync("/invocations", new StringContent("{}"));
        ((int)response.StatusCode).ShouldBe(400);
        (await response.Content.ReadAsStringAsync()).ShouldContain("model: 3 models are served here, and this address does not say which. Ask /v1/models/late/invocations, /v1/models/minutes/invocations");
        var (status, body) = await InvokeAsync("lat", "{}");
        (status, body["error_code"]!.GetValue<string>()).ShouldBe((404, "RESOURCE_DOES_NOT_EXIST"));
    }

    [Fact]
    public async Task Invocations_OfTheOnlyModel_NeedsNoName()
    {
        var workspace = Flights.Workspace();
        await using var one = await WebHost.StartAsync(workspace with { Models = workspace.Models.Where(m => m.Key == "late").ToDictionary() });
        using var response = await one.Client.PostAsync("/invocations", new StringContent($$"""{"instances":[{{Row}}]}""", Encoding.UTF8, "application/json"));
        (await response.Content.ReadFromJsonAsync<JsonNode>())!["model"]!.GetValue<string>().ShouldBe("late");
    }

    [Theory]
    [InlineData("/ping")]
    [InlineData("/health")]
    [InlineData("/version")]
    public async Task Get_SmallRoutes_AnswerAsMlflowsServer(string path)
    {
        await Eventually.TrueAsync(async () => (await host.Client.GetAsync(path)).IsSuccessStatusCode, "models are loaded");
        using var response = await host.Client.GetAsync(path);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        var text = await response.Content.ReadAsStringAsync();
        if (path == "/version") text.ShouldMatch(@"^\d+\.\d+");
        else text.ShouldBe("\n");
    }

    private static List<string> Logged(WebHost host, string model, string columns)
    {
        var files = Path.Combine(host.Folder, "objects", "predictions", model, "**", "*.parquet");
        using var duck = new DuckDBConnection("DataSource=:memory:");
        duck.Open();
        using var command = duck.CreateCommand();
        command.CommandText = $"select {columns} from read_parquet('{files}') order by id";
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read()) values.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i))));
        return values;
    }

    private Task<(int Status, JsonNode Body)> InvokeAsync(string model, string request, string type = "application/json") => InvokeAsync(host, model, request, type);

    private static async Task<(int Status, JsonNode Body)> InvokeAsync(WebHost host, string model, string request, string type = "application/json")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(request));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await host.Client.PostAsync($"/v1/models/{model}/invocations", content);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }
}
