using System.Text.Json;
using Serverless.Scheduling;
using Serverless.Storage;

namespace Serverless.Web.Tests.Models;

/// <summary>Whether a model was to be trained again, over HTTP.</summary>
public sealed class DecisionEndpointsTests : IAsyncLifetime
{
    private const string Route = "/v1/models/late/decisions";
    private WebHost host = null!;

    public async Task InitializeAsync()
    {
        host = await WebHost.StartAsync(champions: false);
        var causes = new[] { DecisionCause.Schedule, DecisionCause.NewData, DecisionCause.NewData, DecisionCause.Feedback, DecisionCause.Gate };
        for (var i = 0; i < causes.Length; i++)
        {
            var decision = new Decision { Model = "late", At = new DateTimeOffset(2026, 3, 1 + i, 0, 0, 0, TimeSpan.Zero), Cause = causes[i], Train = i % 2 == 0, Reason = $"reason {i}", Run = i % 2 == 0 ? $"train-{i}" : null };
            await host.Get<IRecordStore>().InsertAsync(StoreNames.Tables.Decisions, "late", $"2026030{1 + i}000000-x", JsonSerializer.Serialize(decision, ServerlessJson.Options));
        }
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("", "4 3 2 1 0")]
    [InlineData("?train=false", "3 1")]
    [InlineData("?cause=new-data", "2 1")]
    [InlineData("?cause=new-data&train=true", "2")]
    [InlineData("?cause=drift", "")]
    public async Task List_Filtered_NewestFirst(string query, string expected) => (await ReadAsync(query)).ShouldBe(expected);

    [Fact]
    public async Task List_Paged_VisitsEachOnce()
    {
        var first = await host.GetAsync($"{Route}?limit=3");
        first["model"]!.GetValue<string>().ShouldBe("late");
        var decision = first["decisions"]![0]!;
        (decision["cause"]!.GetValue<string>(), decision["train"]!.GetValue<bool>(), decision["run"]!.GetValue<string>()).ShouldBe(("gate", true, "train-4"));
        (await ReadAsync($"?limit=3&after={first["next"]!.GetValue<string>()}")).ShouldBe("1 0");
    }

    [Theory]
    [InlineData("/v1/models/lat/decisions", 404, "model 'lat' is not known here. Did you mean 'late'?")]
    [InlineData(Route + "?cause=drfit", 400, "cause: 'drfit' is not a cause. Did you mean 'drift'? Expected schedule, new-data, drift, feedback, gate.")]
    [InlineData(Route + "?train=maybe", 400, "train: expected true or false, got 'maybe'.")]
    [InlineData(Route + "?after=x", 400, "after: 'x' is not a place of this list.")]
    public async Task List_SomethingWrong_SaysWhat(string path, int status, string detail) => (await host.GetAsync(path, status))["detail"]!.GetValue<string>().ShouldStartWith(detail);

    [Fact]
    public async Task List_ADecisionOfANewerVersion_SaysToUpdate()
    {
        await host.Get<IRecordStore>().InsertAsync(StoreNames.Tables.Decisions, "late", "20260309000000-x", """{"schemaVersion":2,"model":"late","at":"2026-03-09T00:00:00Z","cause":"schedule","train":true,"reason":"r"}""");
        (await host.GetAsync(Route, 503))["detail"]!.GetValue<string>().ShouldContain("was written by a newer version (schemaVersion 2; this one reads up to 1). Update this installation.");
    }

    private async Task<string> ReadAsync(string query) => string.Join(' ', (await host.GetAsync(Route + query))["decisions"]!.AsArray().Select(d => d!["reason"]!.GetValue<string>()[^1]));
}
