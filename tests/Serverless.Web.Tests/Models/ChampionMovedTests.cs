using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.Web.Tests.Models;

/// <summary>Operators who say which champion they saw, in the header or in the body.</summary>
public sealed class ChampionMovedTests : IAsyncLifetime
{
    private const string Promote = "/v1/models/late/versions/{0}/promote";
    private WebHost host = null!;

    public async Task InitializeAsync()
    {
        host = await WebHost.StartAsync();
        for (var v = 2; v <= 4; v++) await host.Registry.RegisterAsync(Flights.Candidate("late", v, needsApproval: v == 4));
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Promote_TwoOperatorsOnTheSameSight_TheSecondGetsPreconditionFailed()
    {
        (await PostAsync(string.Format(null, Promote, 2), 200, "\"1\""))["from"]!.GetValue<int>().ShouldBe(1);

        var refused = await PostAsync(string.Format(null, Promote, 3), 412, "\"1\"");

        refused["title"]!.GetValue<string>().ShouldBe("Champion moved");
        refused["detail"]!.GetValue<string>().ShouldStartWith("the champion of model 'late' is version 2, not version 1 as expected: promoted by api at ");
        (await host.GetAsync("/v1/models/late"))["champion"]!.GetValue<int>().ShouldBe(2);
        await PostAsync(string.Format(null, Promote, 3), 200, "\"2\"");
    }

    [Fact]
    public async Task Promote_ExpectedInTheBody_TheSecondGetsAConflict()
    {
        await PostAsync(string.Format(null, Promote, 2), 200, body: """{"comment":"mine","expect":1}""");
        (await PostAsync(string.Format(null, Promote, 3), 409, body: """{"comment":"mine","expect":1}"""))["title"]!.GetValue<string>().ShouldBe("Champion moved");
        (await PostAsync("/v1/models/late/versions/4/approve", 409, body: """{"comment":"fine","expect":1}"""))["title"]!.GetValue<string>().ShouldBe("Champion moved");
        (await host.GetAsync("/v1/models/late/versions/4"))["status"]!.GetValue<string>().ShouldBe("awaiting-approval");
        await PostAsync("/v1/models/late/versions/4/approve", 200, body: """{"comment":"fine","expect":2}""");
    }

    [Fact]
    public async Task RollBack_TwoOperatorsOnTheSameSight_GoesBackOnce()
    {
        foreach (var v in new[] { 2, 3 }) await PostAsync(string.Format(null, Promote, v), 200);
        await PostAsync("/v1/models/late/rollback", 200, "\"3\"");
        await PostAsync("/v1/models/late/rollback", 412, "\"3\"");
        (await host.GetAsync("/v1/models/late"))["champion"]!.GetValue<int>().ShouldBe(2);
    }

    [Theory]
    [InlineData("\"x\"", """{"comment":"c"}""", "If-Match: expected the number of the champion that you saw in quotation marks, such as \"3\", or \"0\" when there was none; got '\"x\"'.")]
    [InlineData("*", """{"comment":"c"}""", "If-Match: expected the number")]
    [InlineData(null, """{"expect":-1}""", "expect: expected the number of the champion that you saw, 0 when there was none.")]
    [InlineData("\"1\"", """{"expect":2}""", "expect: the body and the header If-Match name different champions.")]
    [InlineData(null, """{"expect":"1"}""", "expect: not known here, or not of the type expected.")]
    public async Task Promote_ExpectationThatIsNone_SaysWhatIsExpectedAndChangesNothing(string? match, string body, string detail)
    {
        (await PostAsync(string.Format(null, Promote, 2), 400, match, body))["detail"]!.GetValue<string>().ShouldStartWith(detail);
        (await host.GetAsync("/v1/models/late"))["champion"]!.GetValue<int>().ShouldBe(1);
    }

    private async Task<JsonNode> PostAsync(string path, int status, string? match = null, string body = """{"comment":"why"}""")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (match is not null) request.Headers.TryAddWithoutValidation("If-Match", match);
        using var response = await host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe((HttpStatusCode)status, text);
        return JsonNode.Parse(text)!;
    }
}
