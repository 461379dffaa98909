using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Scoring;

namespace Serverless.Web.Tests.Predict;

public sealed class PredictTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Predict_BinaryModel_GivesIdVersionRoleAndProbability()
    {
        var (status, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}},{{Flights.GoodRow}}],"subject":"alice"}""");

        status.ShouldBe(200);
        body["model"]!.GetValue<string>().ShouldBe("late");
        var predictions = body["predictions"]!.AsArray();
        predictions.Count.ShouldBe(2);
        predictions[0]!["version"]!.GetValue<int>().ShouldBe(1);
        predictions[0]!["role"]!.GetValue<string>().ShouldBe("champion");
        predictions[0]!["prediction"]!.GetValue<bool>().ShouldBeFalse();
        predictions[0]!["probability"]!.GetValue<double>().ShouldBe(0.001);
        predictions[0]!["score"]!.GetValue<double>().ShouldBe(0.001);
        var ids = predictions.Select(p => p!["id"]!.GetValue<string>()).ToArray();
        ids.ShouldBeUnique();
        ids.ShouldBe(ids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Predict_RegressionModel_GivesTheValue()
    {
        var (_, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""", "minutes");
        body["predictions"]![0]!["prediction"]!.GetValue<double>().ShouldBe(1);
        body["predictions"]![0]!["score"]!.GetValue<double>().ShouldBe(1);
        body["predictions"]![0]!["probability"].ShouldBeNull();
    }

    [Fact]
    public async Task Predict_MulticlassModel_GivesProbabilitiesByClass()
    {
        var (_, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""", "reason");
        body["predictions"]![0]!["prediction"]!.GetValue<string>().ShouldBe("weather");
        body["predictions"]![0]!["probabilities"]!["carrier"]!.GetValue<double>().ShouldBe(0.001);
        body["predictions"]![0]!["score"]!.GetValue<double>().ShouldBe(0.999);
    }

    [Theory]
    [InlineData("""{"date":"2001-06-30T14:05:00Z","distance":null,"origin":"ATL"}""")]
    [InlineData("""{"date":"2001-06-30","origin":"QQQ"}""")]
    [InlineData("""{"date":"2001-06-30 14:05","origin":"never seen","delay":12}""")]
    [InlineData("""{"date":"2001-06-30T14:05:00+02:00","origin":"ATL","seats":4e2,"distance":1.5}""")]
    public async Task Predict_MissingNullUnusedOrUnknownCategory_IsFine(string row)
    {
        var (status, body) = await host.AskAsync($$"""{"rows":[{{row}}]}""");
        status.ShouldBe(200, body.ToJsonString());
    }

    [Theory]
    [InlineData("", "body", "empty: expected {\"rows\":[{...}]}")]
    [InlineData("  \n ", "body", "empty: expected")]
    [InlineData("[]", "body", "expected an object {\"rows\":[{...}]}, got an array")]
    [InlineData("null", "body", "got null")]
    [InlineData("{}", "rows", "missing: a request is")]
    [InlineData("""{"rows":{}}""", "rows", "expected an array of objects, got an object")]
    [InlineData("""{"rows":[]}""", "rows", "empty: send at least one row")]
    [InlineData("""{"rows":[1]}""", "rows[0]", "expected an object, got a number")]
    [InlineData("""{"row":[{}]}""", "row", "unknown field. Did you mean 'rows'?")]
    [InlineData("""{"origin":"ATL"}""", "origin", "is a column: columns belong into a row")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL"}""", "rows", "not valid JSON at line 1, byte")]
    [InlineData("{\"rows\":\n[{\"date\":\"2001-06-30\",}]}", "rows[0]", "not valid JSON at line 2, byte 23")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","distance":NaN}]}""", "rows[0].distance", "NaN and infinity are refused: send null")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","distance":-Infinity}]}""", "rows[0].distance", "NaN and infinity are refused")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","distance":"NaN"}]}""", "rows[0].distance", "expected a number, got a string")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","distance":1e999}]}""", "rows[0].distance", "expected a finite number, got one that is too large")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","distance":"404"}]}""", "rows[0].distance", "expected a number, got a string")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","distance":{"a":[1]}}]}""", "rows[0].distance", "expected a number, got an object")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","seats":1.5}]}""", "rows[0].seats", "expected a whole number, got 1.5")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","seats":99999999999999999999}]}""", "rows[0].seats", "too large")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","cancelled":1}]}""", "rows[0].cancelled", "expected true or false, got a number")]
    [InlineData("""{"rows":[{"date":"yesterday","origin":"ATL"}]}""", "rows[0].date", "got \"yesterday\"")]
    [InlineData("""{"rows":[{"date":20010630,"origin":"ATL"}]}""", "rows[0].date", "expected a time as in \"2001-06-30T14:05:00Z\"")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":7}]}""", "rows[0].origin", "expected a string, got a number")]
    [InlineData("""{"rows":[{"date":"2001-06-30"}]}""", "rows[0].origin", "required, but missing")]
    [InlineData("""{"rows":[{"date":null,"origin":"ATL"}]}""", "rows[0].date", "required, but null")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","orign":"ATL"}]}""", "rows[0].orign", "unknown column. Did you mean 'origin'?")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL","origin":"ORD"}]}""", "rows[0].origin", "given twice")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL"}],"subject":7}""", "subject", "expected a string, got a number")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL"}],"explain":1}""", "explain", "expected true or false, got a number")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL"}],"language":7}""", "language", "expected the code of a language")]
    [InlineData("""{"rows":[{"date":"2001-06-30","origin":"ATL"}]} x""", "body", "not valid JSON")]
    public async Task Predict_BadInput_NamesTheField(string body, string field, string message)
    {
        using var response = await host.PredictAsync("late", body);
        var text = await response.Content.ReadAsStringAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var errors = JsonNode.Parse(text)!["errors"]!;
        errors[field].ShouldNotBeNull(text);
        errors[field]![0]!.GetValue<string>().ShouldContain(message);
        await host.Predictions.FlushAsync();
        Directory.Exists(Path.Combine(host.Folder, "objects", "predictions")).ShouldBeFalse("nothing was predicted, so nothing is recorded");
    }

    [Fact]
    public async Task Predict_SeveralBadFields_ListsEachWithItsRow()
    {
        var (status, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}},{"date":"2001-06-30","distance":"x","origin":3},{"origin":"ATL"}]}""");
        status.ShouldBe(400);
        body["errors"]!.AsObject().Select(e => e.Key).ShouldBe(["rows[1].distance", "rows[1].origin", "rows[2].date"]);
        body["detail"]!.GetValue<string>().ShouldStartWith("3 errors");
    }

    [Fact]
    public async Task Predict_MoreThanTheLimit_Is413AndServesOn()
    {
        var rows = string.Join(',', Enumerable.Repeat("""{"date":"2001-06-30","origin":"ATL"}""", 10_001));
        var (status, body) = await host.AskAsync($$"""{"rows":[{{rows}}]}""");
        status.ShouldBe(413);
        body["detail"]!.GetValue<string>().ShouldContain("at most 10000 rows");

        var (large, answer) = await host.AskAsync(new string(' ', 10 * 1024 * 1024 + 1));
        large.ShouldBe(413);
        answer["detail"]!.GetValue<string>().ShouldContain("at most 10485760 bytes");

        using var unannounced = new HttpRequestMessage(HttpMethod.Post, "/v1/models/late/predict") { Content = new StreamContent(new MemoryStream(new byte[11 * 1024 * 1024])) };
        unannounced.Headers.TransferEncodingChunked = true;
        using var response = await host.Client.SendAsync(unannounced);
        ((int)response.StatusCode).ShouldBe(413);

        (await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Predict_TenThousandRowsInPieces_AreAllAnswered()
    {
        var body = Encoding.UTF8.GetBytes($$"""{"rows":[{{string.Join(',', Enumerable.Repeat(Flights.GoodRow, 10_000))}}]}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/late/predict") { Content = new StreamContent(new MemoryStream([.. "\uFEFF"u8, .. body])) };
        request.Headers.TransferEncodingChunked = true;
        using var response = await host.Client.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!["predictions"]!.AsArray().Count.ShouldBe(10_000);
    }

    [Fact]
    public async Task Predict_UnknownModel_SuggestsTheClosest()
    {
        var (status, body) = await host.AskAsync("{}", "lat");
        status.ShouldBe(404);
        body["detail"]!.GetValue<string>().ShouldBe("model 'lat' is not known here. Did you mean 'late'?");
    }

    [Fact]
    public async Task Predict_NoChampionYet_Is409AndSaysWhatToDo()
    {
        await using var empty = await WebHost.StartAsync(champions: false);
        var (status, body) = await empty.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""");
        status.ShouldBe(409);
        body["detail"]!.GetValue<string>().ShouldContain("serverless-ml train late");
        await Eventually.TrueAsync(async () => (await empty.Client.GetAsync("/health/ready")).IsSuccessStatusCode, "no champion is nothing to wait for");
    }

    [Fact]
    public async Task Predict_ModelWithoutFiniteAnswer_Is400()
    {
        await host.Registry.RegisterAsync(Flights.Candidate("minutes", 2) with { Artefact = NotFinite() });
        await host.Registry.PromoteAsync("minutes", 2, "test", "");
        await host.Get<IModelHost>().RefreshAsync("minutes");
        var (status, body) = await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""", "minutes");
        status.ShouldBe(400, body.ToJsonString());
        body["errors"]!["rows[0]"]![0]!.GetValue<string>().ShouldContain("no finite answer");
    }

    private static byte[] NotFinite()
    {
        var document = ModelPackage.Read(new MemoryStream(Flights.Candidate("minutes", 1).Artefact), 1).Document with { Predictor = "linear" };
        return ModelPackage.Write(document, new Serverless.Scoring.Predictors.LinearPredictor([0, 0, 2], [[1e308, 1e308, 0, 0]], [0], Serverless.Scoring.Predictors.Link.Identity));
    }
}
