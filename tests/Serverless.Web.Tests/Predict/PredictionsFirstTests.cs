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

    private static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");
}
