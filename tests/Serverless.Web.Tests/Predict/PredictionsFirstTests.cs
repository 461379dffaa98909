using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.Web.Tests.Predict;

/// <summary>The short way to a prediction and the way through routing give the same answers.</summary>
public sealed class PredictionsFirstTests
{
    [Theory]
    [InlineData("/v1/models/late/predict"), InlineData("/V1/Models/late/Predict"), InlineData("/v1/models/late/predict/"), InlineData("/v1/models/l%61te/predict"), InlineData("/v1/models/late/predict?version=1")]
    public async Task Predict_AnySpellingOfTheAddress_AnswersAlike(string path)
    {
        await using var host = await WebHost.StartAsync();
        using var response = await host.Client.PostAsync(path, Body("{\"rows\":[" + Flights.GoodRow + "]}"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        ((string?)answer["model"]).ShouldBe("late");
        ((int?)answer["predictions"]![0]!["version"]).ShouldBe(1);
    }

    [Theory]
    [InlineData("/v1/models//predict", HttpStatusCode.NotFound), InlineData("/v1/models/a%2Fb/predict", HttpStatusCode.NotFound), InlineData("/v1/models/nobody/predict", HttpStatusCode.NotFound)]
    [InlineData("/v1/models/late/more/predict", HttpStatusCode.NotFound), InlineData("/v1/models/predict", HttpStatusCode.MethodNotAllowed), InlineData("/v1/models/late/predict?version=nine", HttpStatusCode.NotFound)]
    public async Task Predict_AddressOfNothing_IsRefused(string path, HttpStatusCode status)
    {
        await using var host = await WebHost.StartAsync();
        using var response = await host.Client.PostAsync(path, Body("{\"rows\":[" + Flights.GoodRow + "]}"));
        response.StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task Predict_Get_NamesTheMethodThatIsAllowed()
    {
        await using var host = await WebHost.StartAsync();
        using var response = await host.Client.GetAsync("/v1/models/late/predict");
        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.ShouldBe(["POST"]);
    }

    [Theory]
    [InlineData("GET", "/v1/modells", 404, "detail", "There is no such address here")]
    [InlineData("POST", "/v1/models/late/predicts", 404, "detail", "There is no such address here")]
    [InlineData("PUT", "/v1/feedback", 405, "detail", "This address does not take PUT, but POST.")]
    [InlineData("GET", "/v2/models", 404, "error", "There is no such address here")]
    [InlineData("GET", "/v2/models/late/infer", 405, "error", "This address does not take GET, but POST.")]
    [InlineData("POST", "/v2/models/late/versions//infer", 404, "error", "There is no such address here")]
    public async Task Ask_AddressThatIsNone_IsToldSoInTheFormOfItsProtocol(string method, string path, int status, string field, string words)
    {
        await using var host = await WebHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "GET" ? null : Body("{}") };
        using var response = await host.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe(field == "detail" ? "application/problem+json" : "application/json");
        ((string?)(await response.Content.ReadFromJsonAsync<JsonNode>())![field]).ShouldStartWith(words);
    }

    private static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");
}
