using System.Globalization;
using static Serverless.Cli.Tests.EndToEnd.ServedWorkspace;

namespace Serverless.Cli.Tests.EndToEnd;

/// <summary>Performance is estimated as soon as predictions are there, stands beside what came true later, and says when it was wrong.</summary>
public sealed class EstimatesComeBeforeLabels
{
    private const string Binary = SmallWorkspace.Model + "\nfeedback: { minLabels: 20, metric: accuracy }\n";

    [Fact]
    public async Task Estimate_OfPredictions_IsThereBeforeLabelsThenBesideThemAndOwnsUp()
    {
        await using var served = await ServedWorkspace.StartAsync(Binary);
        var days = new List<List<(string Id, double P)>>();
        var start = served.Now.AddDays(-4);
        for (var day = 0; day < 4; day++)
        {
            days.Add([.. Enumerable.Range(0, 200).Select(i => (Score: i % 2 == 0 ? 0.9 : 0.1, At: start.AddDays(day).AddMinutes(i))).Select(p => (served.Predict(p.Score, at: p.At), p.Score))]);
        }

        await served.FlushAsync();
        var before = await served.JoinAsync();
        before.Estimates.Count.ShouldBe(4);
        before.Estimates.ShouldAllBe(e => e.Method == "cbpe" && e.Rows == 200 && e.Labelled == 0);
        var first = before.Estimates[0].Metrics["accuracy"];
        first.Realised.ShouldBeNull();
        first.Lower!.Value.ShouldBeLessThan(first.Estimated);
        first.Upper!.Value.ShouldBeGreaterThan(first.Estimated - 1e-9);
        before.Estimates[0].Confusion!.Sum(r => r.Sum()).ShouldBe(200, 1e-6);
        before.EstimateError.ShouldBeEmpty();

        // Labels of all days: the world has changed, half of the answers are right.
        await served.SayAsync([.. days.SelectMany(d => d.Select((p, i) => Actual(p.Id, i % 4 < 2 == p.P > 0.5)))]);
        var after = await served.JoinAsync();
        var beside = after.Estimates[0].Metrics["accuracy"];
        (beside.Realised, beside.Error).ShouldBe((0.5, beside.Estimated - 0.5));
        var record = after.EstimateError["accuracy"];
        (record.Days, record.Within).ShouldBe((4, 0.0));
        record.MeanAbsoluteError.ShouldBe(beside.Estimated - 0.5, 1e-9);
        after.Warnings.ShouldContain(w => w.StartsWith("estimates of accuracy were wrong where labels came: on 0 of 4 days", StringComparison.Ordinal));
    }

    /// <summary>The present day is estimated now and then, and labels may come of rows that its estimate has not seen: then it is not held against them.</summary>
    [Fact]
    public async Task Estimate_OfThePresentDayThatWentOn_IsNotComparedWithLaterLabels()
    {
        await using var served = await ServedWorkspace.StartAsync(Binary);
        for (var i = 0; i < 50; i++) served.Predict(i % 2 == 0 ? 0.9 : 0.1);
        await served.FlushAsync();
        await served.JoinAsync();
        string[] later = [.. Enumerable.Range(0, 60).Select(i => served.Predict(i % 2 == 0 ? 0.9 : 0.1))];
        await served.FlushAsync();
        await served.SayAsync([.. later.Select((id, i) => Actual(id, i % 2 == 0))]);
        await served.TickAsync(TimeSpan.FromMinutes(1));
        var outcomes = await served.Get<Performance.IPerformance>().ReadAsync("late");
        var today = outcomes.Estimates.ShouldHaveSingleItem();
        (today.Rows, today.Labelled).ShouldBe((50, 60));
        today.Metrics["accuracy"].Error.ShouldBeNull();
        outcomes.EstimateError.ShouldBeEmpty();
        (await served.JoinAsync()).Estimates.ShouldHaveSingleItem().ShouldSatisfyAllConditions(e => e.Rows.ShouldBe(110), e => e.Metrics["accuracy"].Realised.ShouldBe(1));
    }

    [Fact]
    public async Task Estimate_OfARegression_LearnsErrorsFromTheReferenceAndReadsLoggedRows()
    {
        var model = SmallWorkspace.Model.Replace("task: binary", "task: regression", StringComparison.Ordinal).Replace("label: delay > 10", "label: delay", StringComparison.Ordinal)
            .Replace("gate: { metric: auc, min: 0.6 }", "gate: { metric: rmse, max: 100 }", StringComparison.Ordinal);
        await using var served = await ServedWorkspace.StartAsync(model);
        for (var i = 0; i < 240; i++)
        {
            served.Predict(i % 24 >= 16 ? 20 : 7, at: served.Now.AddMinutes(-i), inputs: string.Create(CultureInfo.InvariantCulture, $$"""{"at":"2024-03-12T{{i % 24:00}}:00:00Z","line":"red"}"""));
        }

        await served.FlushAsync();
        var estimates = (await served.JoinAsync()).Estimates;
        estimates.Sum(e => e.Rows).ShouldBe(240);
        var evening = estimates[^1];
        evening.Method.ShouldBe("dle", evening.Note);
        // Delays of a day differ from their mean by a few minutes; the evening's by up to fifteen.
        evening.Metrics["mae"].Estimated.ShouldBeInRange(1, 12);
        evening.Metrics["rmse"].Estimated.ShouldBeGreaterThan(evening.Metrics["mae"].Estimated);
        evening.Metrics["mae"].SamplingError!.Value.ShouldBeGreaterThan(0);
    }
}
