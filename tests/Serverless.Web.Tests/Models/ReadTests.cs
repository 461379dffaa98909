using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Partitions;
using Serverless.Runs;

namespace Serverless.Web.Tests.Models;

public sealed class ReadTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync(services: s => s.AddSingleton<IDatasetHistory, ThreePartitions>().AddSingleton<IRunEngine, ThreeRuns>());

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Models_ListAndDetail_HaveChampionSchemaAndExample()
    {
        var models = (await host.GetAsync("/v1/models"))["models"]!.AsArray();
        models.Select(m => m!["name"]!.GetValue<string>()).ShouldBe(["late", "minutes", "reason"]);
        models[0]!["champion"]!.GetValue<int>().ShouldBe(1);
        models[0]!["task"]!.GetValue<string>().ShouldBe("binary");

        var late = await host.GetAsync("/v1/models/late");
        late["schema"]!["inputs"]!.AsArray().Select(c => c!["type"]!.GetValue<string>()).ShouldBe(["timestamp", "number", "string", "integer", "boolean"]);
        late["versions"]![0]!["champion"]!.GetValue<bool>().ShouldBeTrue();
        late["audit"]!.AsArray().Select(a => a!["action"]!.GetValue<string>()).ShouldBe(["registered", "promoted"]);
        (await host.AskAsync($$"""{"rows":[{{late["example"]!.ToJsonString()}}]}""")).Status.ShouldBe(200, "the example can be sent as it is");

        var version = await host.GetAsync("/v1/models/late/versions/1");
        version["status"]!.GetValue<string>().ShouldBe("registered");
        version["lineage"]!["datasetVersion"]!.GetValue<int>().ShouldBe(1);
        version["metrics"]!["empty"]!.GetValue<string>().ShouldBe("NaN");
    }

    [Theory]
    [InlineData("/v1/models/lat", 404, "model 'lat' is not known here. Did you mean 'late'?")]
    [InlineData("/v1/models/late/versions/7", 404, "model 'late' has no version '7'; it has 1 to 1.")]
    [InlineData("/v1/models/late/versions/x", 404, "model 'late' has no version 'x'")]
    [InlineData("/v1/datasets/flight/partitions", 404, "dataset 'flight' is not in this workspace. Did you mean 'flights'?")]
    [InlineData("/v1/datasets/flights/partitions?limit=0", 400, "limit: expected a whole number from 1 to 1000, got '0'")]
    [InlineData("/v1/datasets/flights/partitions?after=zz", 400, "after: 'zz' is not a current partition")]
    [InlineData("/v1/runs?after=zz", 400, "after: 'zz' is not a run of this list")]
    [InlineData("/v1/runs/train-9", 404, "run 'train-9' does not exist")]
    public async Task Get_WhatIsNotThere_SaysWhatIs(string path, int status, string detail) =>
        (await host.GetAsync(path, status))["detail"]!.GetValue<string>().ShouldContain(detail);

    [Fact]
    public async Task Runs_InAProcessWithoutEngine_AreListedAndShown()
    {
        await using var store = await WebHost.StartAsync();
        var record = ThreeRuns.Records[0] with { Id = "train-20260101000000-abcdef" };
        await store.Get<Serverless.Storage.IRecordStore>().InsertAsync("runs", "train", record.Id, System.Text.Json.JsonSerializer.Serialize(record, ServerlessJson.Options));
        (await store.GetAsync("/v1/runs"))["runs"]!.AsArray().Count.ShouldBe(1);
        (await store.GetAsync($"/v1/runs/{record.Id}"))["status"]!.GetValue<string>().ShouldBe("done");
        (await store.GetAsync("/v1/datasets"))["datasets"]![0]!["partitions"]!.GetValue<int>().ShouldBe(0);
        await store.GetAsync("/v1/runs/..%2f", 404);
    }

    [Fact]
    public async Task Models_OneRecordOfANewerVersion_ListShowDocumentAndPredictionsGoOn()
    {
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await host.Get<Serverless.Storage.IRecordStore>().UpsertAsync("versions", "late", "0000000002", """{"schemaVersion":9,"run":"x"}""");
        var list = await host.GetAsync("/v1/models");
        list["models"]!.AsArray().Count.ShouldBe(3);
        list["models"]![0]!["versions"]!.GetValue<int>().ShouldBe(1);
        var unreadable = list["unreadable"]!.AsArray().ShouldHaveSingleItem()!;
        (unreadable["model"]!.GetValue<string>(), unreadable["version"]!.GetValue<int>()).ShouldBe(("late", 2));
        unreadable["problem"]!.GetValue<string>().ShouldContain("schemaVersion 9");
        var late = await host.GetAsync("/v1/models/late");
        late["versions"]!.AsArray().Count.ShouldBe(1);
        late["unreadable"]!.AsArray().Count.ShouldBe(1);
        (await host.GetAsync("/v1/models/minutes"))["unreadable"].ShouldBeNull();
        (await host.GetAsync("/v1/models/late/versions/2", 503))["detail"]!.GetValue<string>().ShouldContain("update this one");
        (await host.GetAsync("/openapi/v1.json"))["components"]!["schemas"]!["late.Row"].ShouldNotBeNull();
        (await host.GetAsync("/v2/models/late"))["versions"]!.AsArray().Count.ShouldBe(1);
        (await VersionAsync()).ShouldBe(1);
    }

    // A champion that a newer program registered: this one goes on with the version before.
    [Fact]
    public async Task Predict_ChampionOfANewerVersion_AnswersWithTheOneBefore()
    {
        await using var store = await WebHost.StartAsync(champions: false);
        for (var v = 1; v <= 2; v++)
        {
            await store.Registry.RegisterAsync(Flights.Candidate("late", v));
            await store.Registry.PromoteAsync("late", v, "test", "");
        }

        await store.Get<Serverless.Storage.IRecordStore>().UpsertAsync("versions", "late", "0000000002", """{"schemaVersion":9,"run":"x"}""");
        (await store.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""")).Body["predictions"]![0]!["version"]!.GetValue<int>().ShouldBe(1);
        var late = (await store.GetAsync("/v1/models"))["models"]!.AsArray().Single(m => m!["name"]!.GetValue<string>() == "late")!;
        (late["champion"]!.GetValue<int>(), late["serving"]!.GetValue<int>()).ShouldBe((2, 1));
        late["problem"]!.GetValue<string>().ShouldContain("schemaVersion 9");
    }

    // It is refused before it has a number, and nothing is written anywhere; the champion goes on answering.
    [Fact]
    public async Task Register_ZipThatLeadsOutOfTheFolder_IsRefusedAndLeavesNothing()
    {
        using var zip = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(zip, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("../escaped-entry.txt").Open();
            entry.Write("evil"u8);
        }

        (await Should.ThrowAsync<Serverless.Problems.DataException>(() => host.Registry.RegisterAsync(Flights.Candidate("late", 2) with { Artefact = zip.ToArray() })))
            .Message.ShouldBe("model.zip is damaged: the name of its entry '../escaped-entry.txt' leads out of the folder");
        (await host.GetAsync("/v1/models/late"))["versions"]!.AsArray().Count.ShouldBe(1);
        Directory.Exists(Path.Combine(host.Folder, "objects", "models", "late", "2")).ShouldBeFalse();
        Directory.EnumerateFiles(Path.GetDirectoryName(host.Folder)!, "escaped-entry.txt", SearchOption.AllDirectories).ShouldBeEmpty();
        (await VersionAsync()).ShouldBe(1);
        (await host.Registry.RegisterAsync(Flights.Candidate("late", 3))).Version.ShouldBe(2); // no number was used up
    }

    [Theory]
    [InlineData("/v1/models/late/versions/2/promote", "{\"coment\":\"x\"}", "coment: not known here. Did you mean 'comment'? Expected {\"comment\":\"...\"} or empty. Nothing was done.")]
    [InlineData("/v1/models/late/versions/2/promote", "{\"comment\":\"x\",\"expct\":7}", "expct: not known here. Did you mean 'expect'?")]
    [InlineData("/v1/models/late/versions/3/approve", "{\"comment\":\"x\",\"force\":true}", "force: not known here. Known: comment, expect.")]
    [InlineData("/v1/models/late/versions/3/reject", "{\"comment\":\"x\",\"why\":\"\",\"until\":\"\"}", "why: not known here. Known: comment, expect. until: not known here.")]
    [InlineData("/v1/models/late/rollback", "{\"to\":1}", "to: not known here. Known: comment, expect.")]
    public async Task Decide_UnknownFieldOfTheBody_IsRefusedAndNothingMoves(string path, string body, string detail)
    {
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await host.Registry.RegisterAsync(Flights.Candidate("late", 3, needsApproval: true));
        (await PostAsync(path, 400, body))["detail"]!.GetValue<string>().ShouldStartWith(detail);
        var late = await host.GetAsync("/v1/models/late");
        late["champion"]!.GetValue<int>().ShouldBe(1);
        late["versions"]!.AsArray().Select(v => v!["status"]!.GetValue<string>()).ShouldBe(["registered", "registered", "awaiting-approval"]);
        late["audit"]!.AsArray().Count(a => a!["action"]!.GetValue<string>() == "promoted").ShouldBe(1);
    }

    [Theory]
    [InlineData("/v1/runs", "runs", "id")]
    [InlineData("/v1/datasets/flights/partitions", "partitions", "id")]
    public async Task Lists_PagedByAfter_VisitEverythingOnce(string path, string list, string id)
    {
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await host.GetAsync($"{path}?limit=2{(next is null ? "" : $"&after={next}")}");
            seen.AddRange(page[list]!.AsArray().Select(r => r![id]!.GetValue<string>()));
            next = page["next"]?.GetValue<string>();
        }
        while (next is not null);
        seen.Count.ShouldBe(3);
        seen.ShouldBeUnique();
    }

    [Fact]
    public async Task Approve_Reject_RollBack_MoveTheChampionOrSayWhyNot()
    {
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2, needsApproval: true));
        await host.Registry.RegisterAsync(Flights.Candidate("late", 3, needsApproval: true));
        (await PostAsync("/v1/models/late/versions/2/promote", 409))["detail"]!.GetValue<string>().ShouldContain("waits for approval");
        (await PostAsync("/v1/models/late/versions/2/approve", 200))["action"]!.GetValue<string>().ShouldBe("approved");
        (await VersionAsync()).ShouldBe(2);
        (await PostAsync("/v1/models/late/versions/3/reject", 200))["action"]!.GetValue<string>().ShouldBe("rejected");
        (await PostAsync("/v1/models/late/versions/3/promote", 409))["detail"]!.GetValue<string>().ShouldContain("rejected");
        (await PostAsync("/v1/models/late/rollback", 200))["version"]!.GetValue<int>().ShouldBe(1);
        (await VersionAsync()).ShouldBe(1);
        (await PostAsync("/v1/models/late/rollback", 409))["title"]!.GetValue<string>().ShouldBe("Not possible");
        (await PostAsync("/v1/models/late/rollback", 400, "[1]"))["detail"]!.GetValue<string>().ShouldContain("{\"comment\":\"...\"}");
        (await PostAsync("/v1/models/late/versions/9/approve", 404))["detail"]!.GetValue<string>().ShouldContain("it has 1 to 3");
    }

    [Fact]
    public async Task Audit_ListsEverythingByPages_AndCommentsAreRequired()
    {
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2, needsApproval: true));
        (await PostAsync("/v1/models/late/versions/2/approve", 400, "{}"))["detail"]!.GetValue<string>().ShouldStartWith("comment: ");
        await PostAsync("/v1/models/late/versions/2/approve", 200);
        (await PostAsync("/v1/models/late/versions/2/approve", 409))["detail"]!.GetValue<string>().ShouldContain("was decided already: approved by");
        var actions = new List<string>();
        for (string? next = ""; next is not null;)
        {
            var page = await host.GetAsync($"/v1/models/late/audit?limit=2{(next.Length == 0 ? "" : $"&after={next}")}");
            actions.AddRange(page["audit"]!.AsArray().Select(a => a!["action"]!.GetValue<string>()));
            next = page["next"]?.GetValue<string>();
        }

        actions.ShouldBe(["registered", "promoted", "registered", "awaiting-approval", "approved", "promoted"]);
        (await PostAsync("/v1/models/late/resume", 409))["detail"]!.GetValue<string>().ShouldBe("model 'late' is not stopped");
        (await PostAsync("/v1/models/late/resume", 400, ""))["detail"]!.GetValue<string>().ShouldStartWith("comment: ");
        using var none = await host.Client.GetAsync("/v1/models/late/versions/2/fairness");
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await none.Content.ReadAsStringAsync()).ShouldContain("was not compared by group");
    }

    private async Task<int> VersionAsync() => (await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}}]}""")).Body["predictions"]![0]!["version"]!.GetValue<int>();

    private async Task<JsonNode> PostAsync(string path, int status, string body = """{"comment":"why"}""")
    {
        using var response = await host.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe((HttpStatusCode)status, text);
        return JsonNode.Parse(text)!;
    }
}
