using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Models;
using Serverless.Rollouts;
using Serverless.Scoring;

namespace Serverless.Web.Tests.Releases;

public sealed class RolloutTests
{
    private static readonly RolloutOptions Quick = new() { PollEvery = TimeSpan.FromHours(1), CountEvery = TimeSpan.FromHours(1), ChallengerTimeout = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public async Task Canary_FromTheFlagToTheResponseAndTheLog_IsStickyAndOnRecord()
    {
        await using var host = await StartAsync(new BadFormat());
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Canary, Start = 30 });

        var versions = new Dictionary<string, int>();
        for (var i = 0; i < 200; i++) versions[$"s{i}"] = await VersionAsync(host, $"s{i}");
        for (var i = 0; i < 200; i += 7) (await VersionAsync(host, $"s{i}")).ShouldBe(versions[$"s{i}"]);

        versions.Values.Count(v => v == 2).ShouldBeInRange(30, 90);
        var told = await host.GetAsync("/v1/models/late/rollout/assignment?subject=s3");
        (told["version"]!.GetValue<int>(), told["rollout"]!.GetValue<string>()).ShouldBe((versions["s3"], "late-r1"));
        var log = await LogAsync(host);
        log.Count.ShouldBe(229);
        log.ShouldAllBe(r => r.Rollout == "late-r1" && r.Assignment == "percentile" && r.Version == versions[r.Subject!] && r.Variant == (r.Version == 2 ? "challenger" : "champion"));
        log.First(r => r.Subject == "s3").Hash.ShouldBe(told["subjectHash"]!.GetValue<string>());
    }

    [Fact]
    public async Task Canary_RequestWithoutSubject_IsChosenForByItsOwnPrediction()
    {
        await using var host = await StartAsync(new BadFormat());
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Canary, Start = 50 });

        var roles = new List<string>();
        for (var i = 0; i < 60; i++) roles.Add((await host.AskAsync($$"""{"rows":[{{Flights.GoodRow}},{{Flights.GoodRow}}]}""")).Body["predictions"]![0]!["role"]!.GetValue<string>());

        roles.Distinct().Order().ShouldBe(["challenger", "champion"]);
        (await LogAsync(host)).ShouldAllBe(r => r.Assignment == "no-subject");
    }

    [Theory]
    [InlineData("throw", "fell-back-error")]
    [InlineData("nan", "fell-back-not-finite")]
    [InlineData("hang", "fell-back-too-slow")]
    public async Task Canary_BadChallenger_CallersGetTheChampionAndItIsRolledBack(string kind, string reason)
    {
        var bad = new BadFormat();
        await using var host = await StartAsync(bad);
        await host.Registry.RegisterAsync(bad.Candidate(kind, 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Canary, Start = 100 });

        for (var i = 0; i < 6; i++)
        {
            var (status, body) = await host.AskAsync(Body($"s{i}"));
            status.ShouldBe(200, body.ToJsonString());
            body["predictions"]![0]!["version"]!.GetValue<int>().ShouldBe(1);
        }

        var log = await LogAsync(host);
        log[0].ShouldSatisfyAllConditions(r => r.Assignment.ShouldBe(reason), r => r.Variant.ShouldBe("challenger"), r => r.Version.ShouldBe(1));
        // A version that hung is not asked again: no more threads are lost to it.
        if (kind == "hang") (bad.Asked, log[^1].Assignment).ShouldBe((1, "fell-back-suspended"));
        await host.Get<IRolloutServing>().CountAsync();
        await host.Get<IRollouts>().TickAsync(DateTimeOffset.UtcNow);
        bad.Release.Set();

        var end = (await host.Get<IRollouts>().ListAsync("late")).Single();
        end.State.ShouldBe(RolloutState.RolledBack, end.Reason);
        await host.Get<IRolloutServing>().RefreshAsync();
        host.Get<ModelRouter>().Plans.ShouldBeEmpty();
        (await LogAsync(host)).Count.ShouldBe(6);
    }

    [Fact]
    public async Task Canary_WrongRow_IsTheCallersFaultAndNotTheChallengers()
    {
        await using var host = await StartAsync(new BadFormat());
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Canary, Start = 100 });

        (await host.AskAsync("""{"rows":[{"origin":"ATL"}],"subject":"s1"}""")).Status.ShouldBe(400);

        await host.Get<IRolloutServing>().CountAsync();
        var report = await host.GetAsync("/v1/models/late/rollout");
        report["totals"]!.AsArray().Single(t => t!["variant"]!.GetValue<string>() == "challenger")!["failures"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task Pilot_NamedSubjectAndGroup_HaveTheChallengerAndLeaveItWithTheGroup()
    {
        await using var host = await StartAsync(new BadFormat());
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Pilot, Users = ["alice"], Groups = ["beta"] });

        (await VersionAsync(host, "alice")).ShouldBe(2);
        (await VersionAsync(host, "bob")).ShouldBe(1);
        (await VersionAsync(host, "bob", """["guest","beta"]""")).ShouldBe(2);
        (await VersionAsync(host, "bob", """["guest"]""")).ShouldBe(1);

        (await LogAsync(host)).Select(r => (r.Version, r.Assignment)).ShouldBe([(2, "user"), (1, "percentile"), (2, "group"), (1, "percentile")]);
    }

    [Theory]
    [InlineData("""{"groups":"beta","rows":[ROW]}""", "groups")]
    [InlineData("""{"groups":[1],"rows":[ROW]}""", "groups")]
    [InlineData("""{"subject":5,"rows":[ROW]}""", "subject")]
    public async Task Predict_WrongSubjectOrGroups_NamesTheField(string body, string field)
    {
        await using var host = await StartAsync(new BadFormat());
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Pilot, Users = ["alice"], Groups = ["beta"] });

        var (status, answer) = await host.AskAsync(body.Replace("ROW", Flights.GoodRow, StringComparison.Ordinal));

        status.ShouldBe(400);
        answer["errors"]!.AsObject().ShouldHaveSingleItem().Key.ShouldBe(field);
    }

    [Fact]
    public async Task Shadow_OnAllTraffic_CallerHasTheChampionAndEveryCaseIsCompared()
    {
        await using var host = await StartAsync(new BadFormat());
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Shadow });

        for (var i = 0; i < 20; i++) (await VersionAsync(host, $"s{i}")).ShouldBe(1);
        await Eventually.TrueAsync(() => Task.FromResult(host.Get<ShadowAnswers>().Waiting == 0), "the queue is worked off");

        var log = await LogAsync(host);
        log.Count(r => r.Role == "champion" && r.Variant == "shadow").ShouldBe(20);
        log.Where(r => r.Role == "shadow").ShouldAllBe(r => r.Version == 2 && r.Variant == "challenger" && log.Any(c => c.Id + "-shadow" == r.Id));
        log.Count(r => r.Role == "shadow").ShouldBe(20);
        await host.Get<IRolloutServing>().CountAsync();
        var report = await host.GetAsync("/v1/models/late/rollout");
        var dark = report["totals"]!.AsArray().Single(t => t!["variant"]!.GetValue<string>() == "challenger")!;
        (dark["compared"]!.GetValue<int>(), dark["differing"]!.GetValue<double>()).ShouldBe((20, 0));
        // Version 1 says 0.001, version 2 says 0.002.
        dark["difference"]!.GetValue<double>().ShouldBe(0.001, 1e-12);
    }

    [Theory]
    [InlineData("throw")]
    [InlineData("nan")]
    [InlineData("hang")]
    public async Task Shadow_BadChallenger_CallersNoticeNothingAndItEnds(string kind)
    {
        var bad = new BadFormat();
        await using var host = await StartAsync(bad, Quick with { ShadowQueue = 8 });
        await host.Registry.RegisterAsync(bad.Candidate(kind, 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Shadow });

        await Eventually.TrueAsync(async () =>
        {
            for (var i = 0; i < 20; i++) (await VersionAsync(host, $"s{i}")).ShouldBe(1);
            await host.Get<IRolloutServing>().CountAsync();
            await host.Get<IRollouts>().TickAsync(DateTimeOffset.UtcNow);
            return (await host.Get<IRollouts>().ListAsync("late")).Single().State == RolloutState.RolledBack;
        }, "a guard ends the shadow");
        bad.Release.Set();

        var end = (await host.Get<IRollouts>().ListAsync("late")).Single();
        end.Reason.ShouldStartWith(kind == "hang" ? "guard errors: challenger did not answer in time" : "guard errors: challenger failed");
    }

    [Fact]
    public async Task Flags_HalfWritten_LastGoodOnesHoldAndSomebodyIsTold()
    {
        await using var host = await StartAsync(new BadFormat());
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Canary, Start = 100 });
        var path = Path.Combine(host.Folder, "flags.json");
        var whole = await File.ReadAllTextAsync(path);

        await File.WriteAllTextAsync(path, whole[..(whole.Length / 2)]);
        await host.Get<IRolloutServing>().RefreshAsync();

        (await VersionAsync(host, "s1")).ShouldBe(2);
        host.Log.Entries.ShouldContain(e => e.Text.Contains("The flags cannot be read", StringComparison.Ordinal));
        await File.WriteAllTextAsync(path, whole.Replace("\"to\": 100", "\"to\": 60", StringComparison.Ordinal));
        await host.Get<IRolloutServing>().RefreshAsync();
        (await VersionAsync(host, "s1")).ShouldBe(2, "shares that do not add up to 100 are refused");
        await File.WriteAllTextAsync(path, whole.Replace("\"enabled\": true", "\"enabled\": false", StringComparison.Ordinal));
        await host.Get<IRolloutServing>().RefreshAsync();
        (await VersionAsync(host, "s1")).ShouldBe(1, "switched off by hand");
    }

    [Fact]
    public async Task Flags_NameAMissingVersion_AreRefusedAndThePlanBeforeHolds()
    {
        await using var host = await StartAsync(new BadFormat());
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));
        await BeginAsync(host, new RolloutDefinition { Kind = RolloutKind.Canary, Start = 100 });
        var path = Path.Combine(host.Folder, "flags.json");

        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("\"version\": 2", "\"version\": 9", StringComparison.Ordinal));
        await host.Get<IRolloutServing>().RefreshAsync();

        (await VersionAsync(host, "s1")).ShouldBe(2);
        host.Log.Entries.ShouldContain(e => e.Text.Contains("The flags of the rollout of late are not followed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Approve_WhereTheModelFileHasARollout_BeginsItInsteadOfPromoting()
    {
        var workspace = Flights.Workspace();
        var models = workspace.Models.ToDictionary(m => m.Key, m => m.Value with { Rollout = new RolloutDefinition { Kind = RolloutKind.Canary } });
        await using var host = await WebHost.StartAsync(workspace with { Models = models }, services: s => s.AddSingleton(Quick));
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2, needsApproval: true));

        for (var again = 0; again < 2; again++)
        {
            using var response = await host.Client.PostAsync("/v1/models/late/versions/2/approve", JsonContent.Create(new { comment = "agreed" }));
        }

        (await host.Registry.AliasAsync("late", "champion")).ShouldBe(1);
        (await host.Get<IRollouts>().ListAsync("late")).ShouldHaveSingleItem().State.ShouldBe(RolloutState.Running);
    }

    [Fact]
    public async Task Routes_FromStartToAbort_MoveTheRolloutAndSayWhatIsWrong()
    {
        await using var host = await StartAsync(new BadFormat());
        await host.Registry.RegisterAsync(Flights.Candidate("late", 2));

        (await PostAsync(host, "start", """{"version":2,"kind":"canary","comment":"try"}""")).Body["state"]!.GetValue<string>().ShouldBe("running");
        (await PostAsync(host, "start", """{"version":2,"kind":"canary"}""")).Status.ShouldBe(409);
        (await PostAsync(host, "pause", "{}")).Status.ShouldBe(400);
        (await PostAsync(host, "pause", """{"comment":"holiday"}""")).Body["state"]!.GetValue<string>().ShouldBe("paused");
        (await PostAsync(host, "abort", """{"comment":"enough"}""")).Body["state"]!.GetValue<string>().ShouldBe("aborted");
        (await PostAsync(host, "abort", """{"comment":"enough"}""")).Body["detail"]!.GetValue<string>().ShouldBe("model 'late' has no rollout under way; the last, 'late-r1', is aborted");
        (await host.GetAsync("/v1/models/late/rollouts"))["rollouts"]!.AsArray().Count.ShouldBe(1);
        (await host.GetAsync("/v1/rollouts"))["rollouts"]!.AsArray().ShouldBeEmpty();
        (await host.GetAsync("/v1/models/minutes/rollout", 404))["detail"]!.GetValue<string>().ShouldBe("model 'minutes' had no rollout yet.");
    }

    private static Task<WebHost> StartAsync(BadFormat bad, RolloutOptions? options = null) =>
        WebHost.StartAsync(services: s => s.AddSingleton(options ?? Quick).AddSingleton<IPredictorFormat>(bad));

    private static async Task BeginAsync(WebHost host, RolloutDefinition terms)
    {
        await host.Get<IRollouts>().StartAsync(new RolloutRequest("late", 2, terms, "test", "try"));
        await host.Get<IModelHost>().GetAsync("late");
        await host.Get<IRolloutServing>().RefreshAsync();
    }

    private static string Body(string subject, string? groups = null) => $$"""{"rows":[{{Flights.GoodRow}}],"subject":"{{subject}}"{{(groups is null ? "" : $",\"groups\":{groups}")}}}""";

    private static async Task<int> VersionAsync(WebHost host, string subject, string? groups = null)
    {
        var (status, body) = await host.AskAsync(Body(subject, groups));
        status.ShouldBe(200, body.ToJsonString());
        return body["predictions"]![0]!["version"]!.GetValue<int>();
    }

    private static async Task<(int Status, JsonNode Body)> PostAsync(WebHost host, string verb, string body)
    {
        using var response = await host.Client.PostAsync($"/v1/models/late/rollout/{verb}", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    private static async Task<List<Logged>> LogAsync(WebHost host)
    {
        await host.Predictions.FlushAsync();
        using var duck = new DuckDBConnection("DataSource=:memory:");
        duck.Open();
        using var command = duck.CreateCommand();
        command.CommandText = $"select id, version, role, subject, rollout, variant, assignment, subject_hash from '{Path.Combine(host.Folder, "objects", "predictions", "late")}/**/*.parquet' order by time, id";
        using var reader = command.ExecuteReader();
        var all = new List<Logged>();
        while (reader.Read())
        {
            string? Text(int i) => reader.IsDBNull(i) ? null : reader.GetString(i);
            all.Add(new Logged(reader.GetString(0), reader.GetInt32(1), reader.GetString(2), Text(3), Text(4), Text(5), Text(6), Text(7)));
        }

        return all;
    }

    private sealed record Logged(string Id, int Version, string Role, string? Subject, string? Rollout, string? Variant, string? Assignment, string? Hash);
}
