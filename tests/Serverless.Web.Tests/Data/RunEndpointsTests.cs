using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Runs;
using Serverless.Storage;

namespace Serverless.Web.Tests.Data;

/// <summary>Runs over HTTP: filters, pages, notes and tags.</summary>
public sealed class RunEndpointsTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync()
    {
        host = await WebHost.StartAsync(champions: false);
        for (var i = 1; i <= 6; i++)
        {
            var kind = i == 6 ? "ingest" : "train";
            var (model, status) = (i == 6 ? "flights" : i % 2 == 0 ? "minutes" : "late", i switch { 3 => RunStatus.Refused, 5 => RunStatus.Running, _ => RunStatus.Done });
            var at = new DateTimeOffset(2026, 3, i, 12, 0, 0, TimeSpan.Zero);
            var data = i == 6 ? "{}" : JsonSerializer.Serialize(new { report = new { metrics = new { auc = 0.5 + (i / 100.0) } } });
            await InsertAsync(new RunRecord
            {
                Id = $"{kind}-2026030{i}120000-abcde{i}", Kind = kind, Subject = model, State = status == RunStatus.Running ? "trained" : "done", Status = status, CreatedAt = at, UpdatedAt = at, Data = JsonDocument.Parse(data).RootElement,
            });
        }
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("", "6 5 4 3 2 1")]
    [InlineData("?model=late", "5 3 1")]
    [InlineData("?subject=flights", "6")]
    [InlineData("?kind=train&model=minutes", "4 2")]
    [InlineData("?status=refused", "3")]
    [InlineData("?status=running&state=trained", "5")]
    [InlineData("?state=queued", "")]
    [InlineData("?since=2026-03-05", "6 5")]
    [InlineData("?since=2026-03-04T12:00:01Z&model=late", "5")]
    [InlineData("?since=2026-03-04T14:00:01%2B02:00", "6 5")]
    [InlineData("?sort=auc&limit=3", "5 4 3")]
    public async Task List_Filtered_HasTheRunsThatAreLikeThat(string query, string expected) => Days(await host.GetAsync("/v1/runs" + query)).ShouldBe(expected);

    [Theory]
    [InlineData("?kind=train", "5 4 3 2 1")]
    [InlineData("?sort=auc&model=late", "5 3 1")]
    public async Task List_Paged_VisitsEachOnce(string query, string expected)
    {
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await host.GetAsync($"/v1/runs{query}&limit=2{(next is null ? "" : $"&after={next}")}");
            seen.Add(Days(page));
            next = page["next"]?.GetValue<string>();
        }
        while (next is not null);
        string.Join(' ', seen).ShouldBe(expected);
    }

    [Theory]
    [InlineData("?status=doen", "status: 'doen' is not a status; expected running, done, refused or failed.")]
    [InlineData("?status=1", "status: '1' is not a status")]
    [InlineData("?since=yesterday", "since: 'yesterday' is not a time; expected RFC 3339 such as 2026-01-31T14:00:00Z, or a day such as 2026-01-31.")]
    [InlineData("?model=lat", "model: 'lat' is not a model of this workspace, and no such run is about it. Did you mean 'late'?")]
    [InlineData("?model=late&subject=flights", "model: give 'model' or 'subject', not both.")]
    [InlineData("?model=late&after=train-20260302120000-abcde2", "after: 'train-20260302120000-abcde2' is not a run of this list. Start again without it.")]
    [InlineData("?sort=auc&after=ingest-20260306120000-abcde6", "after: 'ingest-20260306120000-abcde6' is not a run of this list.")]
    public async Task List_SomethingWrong_NamesTheParameter(string query, string detail) => (await host.GetAsync("/v1/runs" + query, 400))["detail"]!.GetValue<string>().ShouldStartWith(detail);

    [Fact]
    public async Task NotesAndTags_Written_AreShownListedAndFilteredBy()
    {
        var (run, other) = ("/v1/runs/train-20260301120000-abcde1", "/v1/runs/train-20260302120000-abcde2");
        (await PostAsync($"{run}/notes", """{"text":"first with weather"}"""))["notes"]![0]!["by"]!.GetValue<string>().ShouldBe("api");
        await PostAsync($"{run}/tags", """{"set":{"season":"winter","reviewed":""}}""");
        (await PostAsync($"{run}/tags", """{"set":{"season":"spring"},"remove":["reviewed","never"]}"""))["tags"]!.ToJsonString().ShouldBe("""{"season":"spring"}""");
        await PostAsync($"{other}/tags", """{"set":{"season":"winter"}}""");

        var shown = await host.GetAsync(run);
        (shown["notes"]![0]!["text"]!.GetValue<string>(), shown["tags"]!["season"]!.GetValue<string>()).ShouldBe(("first with weather", "spring"));
        Days(await host.GetAsync("/v1/runs?tag=season")).ShouldBe("2 1");
        Days(await host.GetAsync("/v1/runs?tag=season%3Dwinter")).ShouldBe("2");
        Days(await host.GetAsync("/v1/runs?tag=season&tag=reviewed")).ShouldBe("");
        (await host.GetAsync("/v1/runs?tag=season%3Dspring"))["runs"]![0]!["notes"]!.AsArray().Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("notes", "", "text: expected the text of the note.")]
    [InlineData("notes", """{"text":"  "}""", "text: expected the text of the note.")]
    [InlineData("notes", """{"txt":"x"}""", "txt: not known here. Did you mean 'text'? Expected {\"text\":\"...\"}.")]
    [InlineData("tags", "{}", "set: expected at least one tag in 'set' or 'remove', such as ")]
    [InlineData("tags", """{"set":{"good":"1","not good":"x"}}""", "set: 'not good' cannot be a tag: use letters, digits, _ . / and -, at most 64, beginning with a letter or digit.")]
    [InlineData("tags", """{"set":{"season":null}}""", "set.season: expected a text; to take a tag away, name it in 'remove'.")]
    [InlineData("tags", """{"set":{"season":"x"},"remove":["season"]}""", "remove: 'season' is in 'set' too.")]
    public async Task NotesAndTags_SomethingWrong_SaysWhatAndWriteNothing(string what, string body, string detail)
    {
        const string run = "/v1/runs/train-20260301120000-abcde1";
        (await PostAsync($"{run}/{what}", body, 400))["detail"]!.GetValue<string>().ShouldStartWith(detail);
        var shown = await host.GetAsync(run);
        (shown["notes"]!.AsArray().Count, shown["tags"]!.AsObject().Count).ShouldBe((0, 0));
        (await PostAsync($"/v1/runs/train-20260301120000-nobody/{what}", body, 404))["detail"]!.GetValue<string>().ShouldContain("does not exist");
    }

    [Fact]
    public async Task NoteTooLong_IsRefused() =>
        (await PostAsync("/v1/runs/train-20260301120000-abcde1/notes", JsonSerializer.Serialize(new { text = new string('x', 4001) }), 400))["detail"]!.GetValue<string>().ShouldBe("text: a note has at most 4,000 characters, not 4001.");

    [Fact]
    public async Task Show_RecordOfANewerVersion_SaysToUpdateAndLeavesItAlone()
    {
        const string newer = """{"schemaVersion":9,"id":"train-20260307120000-newer1","strange":true}""";
        var records = host.Get<IRecordStore>();
        await records.InsertAsync(StoreNames.Tables.Runs, "train", "train-20260307120000-newer1", newer);
        const string message = "run 'train-20260307120000-newer1' was written by a newer version (schemaVersion 9; this one reads up to 1). Update this installation.";
        foreach (var path in new[] { "/v1/runs/train-20260307120000-newer1", "/v1/runs", "/v1/runs/train-20260307120000-newer1/artifacts" })
        {
            (await host.GetAsync(path, 503))["detail"]!.GetValue<string>().ShouldBe(message);
        }

        (await PostAsync("/v1/runs/train-20260307120000-newer1/tags", """{"set":{"a":"b"}}""", 503))["detail"]!.GetValue<string>().ShouldBe(message);
        (await records.GetAsync(StoreNames.Tables.Runs, "train", "train-20260307120000-newer1"))!.Json.ShouldBe(newer);
        Days(await host.GetAsync("/v1/runs?kind=ingest")).ShouldBe("6");
    }

    [Fact]
    public async Task Notes_OfANewerVersion_AreNotOverwritten()
    {
        const string newer = """{"schemaVersion":9,"tags":{"a":"b"},"stars":5}""";
        var records = host.Get<IRecordStore>();
        await records.InsertAsync(StoreNames.Tables.RunNotes, "train", "train-20260301120000-abcde1", newer);
        const string message = "the notes of run 'train-20260301120000-abcde1' were written by a newer version (schemaVersion 9; this one reads up to 1). Update this installation.";
        (await host.GetAsync("/v1/runs/train-20260301120000-abcde1", 503))["detail"]!.GetValue<string>().ShouldBe(message);
        (await PostAsync("/v1/runs/train-20260301120000-abcde1/notes", """{"text":"x"}""", 503))["detail"]!.GetValue<string>().ShouldBe(message);
        (await records.GetAsync(StoreNames.Tables.RunNotes, "train", "train-20260301120000-abcde1"))!.Json.ShouldBe(newer);
    }

    private static string Days(JsonNode page) => string.Join(' ', page["runs"]!.AsArray().Select(r => r!["id"]!.GetValue<string>()[^1]));

    private Task InsertAsync(RunRecord run) => host.Get<IRecordStore>().InsertAsync(StoreNames.Tables.Runs, run.Kind, run.Id, JsonSerializer.Serialize(run, ServerlessJson.Options));

    private async Task<JsonNode> PostAsync(string path, string body, int status = 200)
    {
        using var response = await host.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe((HttpStatusCode)status, text);
        return JsonNode.Parse(text)!;
    }
}
