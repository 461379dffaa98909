using Serverless.Evaluation;
using Serverless.Feedback;
using Serverless.Models;
using Serverless.Performance;
using Serverless.Scheduling;
using static Serverless.Cli.Tests.EndToEnd.ServedWorkspace;

namespace Serverless.Cli.Tests.EndToEnd;

/// <summary>Labels that are late, repeated, corrected, too early, about nobody, by id and by key: each is joined once, to the right prediction, and none is lost.</summary>
public sealed class FeedbackFindsItsPredictions
{
    private const string Model = SmallWorkspace.Model + """

        metrics:
          penalty: { value: "prediction == actual ? 0.0 : (line == \"red\" ? 5.0 : 1.0)" }
        feedback: { minLabels: 20, metric: accuracy }
        """;

    [Fact]
    public async Task Labels_ById_GiveTheMetricsOfTheCatalogueByDayAndTheBusinessValue()
    {
        await using var served = await ServedWorkspace.StartAsync(Model);
        var random = new Random(3);
        var (truth, scores, costs) = (new List<double>(), new List<double>(), 0.0);
        var items = new List<FeedbackItem>();
        for (var i = 0; i < 300; i++)
        {
            var (p, line) = (random.NextDouble(), i % 2 == 0 ? "red" : "blue");
            var actual = random.NextDouble() < p;
            var id = served.Predict(p, at: served.Now.AddMinutes(-i % 90), inputs: $$"""{"at":"2024-03-12T10:00:00Z","line":"{{line}}"}""");
            items.Add(Actual(id, actual) with { Seen = true, Used = i % 4 == 0, Opinion = i % 10 == 0 ? "good" : null });
            truth.Add(actual ? 1 : 0);
            scores.Add(p);
            if (p > 0.5 != actual) costs += line == "red" ? 5 : 1;
        }

        await served.FlushAsync();
        await served.SayAsync([.. items]);
        var outcomes = await served.JoinAsync();

        var day = outcomes.Days.ShouldHaveSingleItem();
        var group = day.Groups.ShouldHaveSingleItem();
        (group.Version, group.Variant, group.Labelled, group.Seen, group.Used, group.Acceptance).ShouldBe((1, "champion", 300, 300, 75, 0.25));
        group.Opinions!["good"].ShouldBe(30);
        var expected = Metrics.Compute(TaskKind.Binary, [.. truth], [.. scores], 2);
        foreach (var (name, value) in expected) group.Metrics[name].ShouldBe(value, 1e-12, name);
        group.Metrics["penalty"].ShouldBe(costs / 300, 1e-12);
        expected.Count.ShouldBe(18);
        outcomes.Summary!.Unmatched.Waiting.ShouldBe(0);
        outcomes.Summary.Drift!.Realised!.Value.ShouldBe(expected["accuracy"], 1e-12);
        outcomes.Summary.Drift.AtTraining.ShouldNotBeNull();
    }

    [Fact]
    public async Task Labels_RepeatedAndCorrected_TheLaterOneHoldsAndHistoryIsKept()
    {
        await using var served = await ServedWorkspace.StartAsync(Model);
        string[] ids = [.. Enumerable.Range(0, 30).Select(i => served.Predict(0.9))];
        await served.FlushAsync();
        var all = ids.Select(id => Actual(id, true)).ToArray();
        await served.SayAsync(all);
        await served.SayAsync(all);
        var once = await served.JoinAsync();
        Group(once).Metrics["accuracy"].ShouldBe(1);
        (Group(once).Labelled, Group(once).Corrections).ShouldBe((30, 0));

        // Said again after the join: nothing changes. Ten are corrected; of two about the first, the one whose own time is later holds, whichever came first.
        await served.SayAsync(all);
        await served.SayAsync([.. ids.Take(10).Select(id => Actual(id, false))]);
        await served.SayAsync(Actual(ids[0], true, served.Now.AddMinutes(-30)));
        var corrected = Group(await served.JoinAsync());
        corrected.Metrics["accuracy"].ShouldBe(20 / 30.0, 1e-12);
        (corrected.Labelled, corrected.Corrections).ShouldBe((30, 10), "what holds earlier contradicts nobody");

        // Used without a label, later: both hold.
        await served.SayAsync(new FeedbackItem { PredictionId = ids[0], Used = true });
        var used = Group(await served.JoinAsync());
        (used.Labelled, used.Used, used.Seen).ShouldBe((30, 1, 1));
    }

    [Fact]
    public async Task Labels_BeforeTheirPredictionOrOfNobody_WaitAndAreReported()
    {
        await using var served = await ServedWorkspace.StartAsync(Model);
        var early = served.Predict(0.9);
        await served.SayAsync(Actual(early, true), Actual("no-such-prediction", true), Actual("00000000000000000000000000", false), Keyed("booking-9", true));
        var before = await served.JoinAsync();
        before.Days.ShouldBeEmpty();
        before.Summary!.Unmatched.ShouldSatisfyAllConditions(u => u.Waiting.ShouldBe(4), u => u.Overdue.ShouldBe(0), u => u.Examples.ShouldContain("no-such-prediction"), u => u.Examples.ShouldContain("key booking-9"));

        await served.FlushAsync();
        served.Predict(0.2, key: "booking-9");
        await served.FlushAsync();
        var after = await served.JoinAsync();
        Group(after).Labelled.ShouldBe(2);
        Group(after).Metrics["accuracy"].ShouldBe(0.5);
        after.Summary!.Unmatched.Waiting.ShouldBe(2);

        served.Time.Advance(TimeSpan.FromDays(2));
        (await served.JoinAsync()).Summary!.Unmatched.Overdue.ShouldBe(2);
    }

    [Fact]
    public async Task Labels_ByKey_BelongToTheNewestPredictionBeforeThem()
    {
        await using var served = await ServedWorkspace.StartAsync(Model);
        var start = served.Now.AddHours(-30);
        served.Predict(0.9, key: "b1", at: start);
        served.Predict(0.1, key: "b1", at: start.AddHours(5));
        served.Predict(0.9, key: "b1", at: start.AddHours(20));
        served.Predict(0.9, key: "b2", at: start.AddHours(25));
        await served.FlushAsync();
        // b1 at hour 10: the one of hour 5. b2 before any: the first one after it. b2's clock is three minutes behind the predictor's.
        await served.SayAsync(Keyed("b1", false, start.AddHours(10)), Keyed("b2", true, start.AddHours(2)), Keyed("b3", true, start));
        var first = await served.JoinAsync();
        first.Days.Sum(d => d.Groups.Sum(g => g.Labelled)).ShouldBe(2);
        first.Days.ShouldAllBe(d => d.Groups.All(g => g.Metrics["accuracy"] == 1));
        first.Summary!.Unmatched.Waiting.ShouldBe(1);

        // Another label of b1, later: the prediction of hour 20. The clock of whoever says so is three minutes behind ours.
        await served.SayAsync(Keyed("b1", false, start.AddHours(20).AddMinutes(-3)));
        var second = await served.JoinAsync();
        second.Days.Sum(d => d.Groups.Sum(g => g.Labelled)).ShouldBe(3);
        second.Summary!.Groups.Single().Metrics["accuracy"].ShouldBe(2 / 3.0, 1e-12);
    }

    [Fact]
    public async Task Labels_ByAColumnOfTheRow_FindTheirPrediction()
    {
        await using var served = await ServedWorkspace.StartAsync(Model.Replace("minLabels: 20,", "minLabels: 20, key: line,", StringComparison.Ordinal));
        served.Predict(0.9, inputs: """{"at":"2024-03-12T10:00:00Z","line":"L-17"}""");
        served.Predict(0.9, inputs: """{"at":"2024-03-12T10:00:00Z","line":"L-18"}""");
        await served.FlushAsync();
        await served.SayAsync(Keyed("L-18", false));
        Group(await served.JoinAsync()).ShouldSatisfyAllConditions(g => g.Labelled.ShouldBe(1), g => g.Metrics["accuracy"].ShouldBe(0));
    }

    [Fact]
    public async Task Joins_TwoAtOnceOrAgainFromNothing_ComeToTheSame()
    {
        await using var served = await ServedWorkspace.StartAsync(Model);
        string[] ids = [.. Enumerable.Range(0, 200).Select(i => served.Predict(i / 200.0, at: served.Now.AddMinutes(-i)))];
        await served.FlushAsync();
        await served.SayAsync([.. ids.Select((id, i) => Actual(id, i % 3 == 0))]);
        served.Time.Advance(TimeSpan.FromMinutes(1));
        var joins = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => served.JoinAsync()));
        // One that was beaten tries again a second later, by the clock that only the test moves.
        while (await Task.WhenAny(joins, Task.Delay(50)) != joins) served.Time.Advance(TimeSpan.FromSeconds(1));
        await joins;
        var together = Json(await served.JoinAsync());

        // The state is lost: everything is read again, and nothing counts twice.
        await foreach (var found in served.Objects.ListAsync("feedback/late/_joined/")) if (found.Key.EndsWith("state.json", StringComparison.Ordinal)) await served.Objects.DeleteAsync(found.Key);
        Json(await served.JoinAsync()).ShouldBe(together);
    }

    [Fact]
    public async Task Labels_OlderThanTheirPrediction_AreCountedAsClocksThatDisagree()
    {
        await using var served = await ServedWorkspace.StartAsync(Model);
        var id = served.Predict(0.9);
        await served.FlushAsync();
        await served.SayAsync(Actual(id, true, served.Now.AddHours(-2)));
        Group(await served.JoinAsync()).ShouldSatisfyAllConditions(g => g.Labelled.ShouldBe(1), g => g.BeforePrediction.ShouldBe(1));
    }

    [Fact]
    public async Task Drops_InLanding_AreTakenOnceWithTheirBadRowsSaid()
    {
        await using var served = await ServedWorkspace.StartAsync(Model);
        string[] ids = [.. Enumerable.Range(0, 3).Select(_ => served.Predict(0.9))];
        await served.FlushAsync();
        async Task DropAsync(string name, string text) => await served.Objects.PutAsync($"landing/feedback/late/{name}", new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)));
        await DropAsync("labels.csv", $"predictionId,actual\n{ids[0]},true\n{ids[1]},maybe\n{ids[2]},false\n");
        await DropAsync("none.csv", "prediction,label\n1,true\n");
        for (var i = 0; i < 3; i++)
        {
            await served.Get<ILandingWatcher>().TickAsync();
            await served.TickAsync(TimeSpan.FromMinutes(1));
        }

        var group = Group(await served.Get<IPerformance>().ReadAsync("late"));
        (group.Labelled, group.Metrics["accuracy"]).ShouldBe((2, 0.5));
        var left = await served.Objects.ListAsync("landing/feedback/").Select(o => o.Key).ToListAsync();
        left.ShouldBe(["landing/feedback/late/none.csv"], "what is no feedback stays for whoever sent it");
        var rejected = await served.Objects.ListAsync("feedback/late/_rejected/").ToListAsync();
        await using var stream = (await served.Objects.OpenReadAsync(rejected.ShouldHaveSingleItem().Key))!;
        (await new StreamReader(stream).ReadToEndAsync()).ShouldContain("items[1].actual");
        (await served.Objects.ListAsync("feedback/late/date=").ToListAsync()).Count(o => o.Key.Contains("/drop-", StringComparison.Ordinal)).ShouldBe(1);
    }

    /// <summary>Where there are several models, an id without a model is looked for in the log of each; what none has, and a label that the model of the prediction cannot answer, is said and not passed over.</summary>
    [Fact]
    public async Task Labels_ThatNameNoModelOfSeveral_FindTheirsOrAreReported()
    {
        await using var served = await ServedWorkspace.StartAsync(Model, f => File.WriteAllText(Path.Combine(f.Path, "models", "other.yaml"), SmallWorkspace.Model.Replace("model: late", "model: other", StringComparison.Ordinal)));
        string[] ids = [.. Enumerable.Range(0, 3).Select(_ => served.Predict(0.9))];
        await served.FlushAsync();
        await served.SayAsync(Actual(ids[0], true), Actual(ids[1], "maybe"), Actual("00000000000000000000000000", false), Actual("nonsense", true));
        await served.TickAsync(TimeSpan.FromMinutes(1));
        await served.TickAsync(TimeSpan.FromMinutes(1));
        var outcomes = await served.Get<IPerformance>().ReadAsync("late");
        Group(outcomes).Labelled.ShouldBe(1);
        outcomes.Warnings.ShouldContain(w => w.StartsWith("3 of 4 pieces of feedback that name a prediction and no model found none", StringComparison.Ordinal) && w.Contains("nonsense", StringComparison.Ordinal));
        (await SignalsAsync(served)).ShouldHaveSingleItem().Bad.ShouldBeFalse();

        await served.TickAsync(TimeSpan.FromDays(1.1));
        (await SignalsAsync(served))[^1].ShouldSatisfyAllConditions(s => s.Bad.ShouldBeTrue(), s => s.Value.ShouldBe(3), s => s.Message.ShouldContain("does not answer what is said to have come true"));
    }

    private static async Task<List<Alerts.Signal>> SignalsAsync(ServedWorkspace served)
    {
        var day = DateOnly.FromDateTime(served.Now.UtcDateTime);
        return await served.Get<Alerts.ISignals>().ReadAsync(day.AddDays(-3), day.AddDays(1)).Where(s => s is { Subject: "_unassigned", Name: "feedback-unmatched" }).ToListAsync();
    }

    private static RealisedGroup Group(ModelOutcomes outcomes) => outcomes.Days.ShouldHaveSingleItem().Groups.ShouldHaveSingleItem();

    private static string Json(ModelOutcomes outcomes) => System.Text.Json.JsonSerializer.Serialize(outcomes.Days, ServerlessJson.Options);
}
