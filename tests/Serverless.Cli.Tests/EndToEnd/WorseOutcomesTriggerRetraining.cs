using System.Text.Json;
using Serverless.Alerts;
using Serverless.Feedback;
using Serverless.Performance;
using Serverless.Scheduling;
using static Serverless.Cli.Tests.EndToEnd.ServedWorkspace;

namespace Serverless.Cli.Tests.EndToEnd;

/// <summary>What comes true is worse than the champion's holdout promised: it is told, and a training is started, once.</summary>
public sealed class WorseOutcomesTriggerRetraining
{
    private const string Model = SmallWorkspace.Model + """

        retrain: { onFeedback: true, cooldown: 1h }
        feedback: { minLabels: 100, metric: accuracy, anomalies: [{ metric: accuracy, strategy: threshold, min: 0.7, severity: error }] }
        """;

    [Fact]
    public async Task Labels_WorseThanAtTraining_AreToldAndTrainedOnOnce()
    {
        await using var served = await ServedWorkspace.StartAsync(Model);
        await LabelAsync(served, right: 97);
        await served.TickAsync(TimeSpan.FromMinutes(1));
        await served.TickAsync(TimeSpan.FromMinutes(1));
        var calm = (await served.Get<IPerformance>().ReadAsync("late")).Summary!;
        calm.Drift!.Labels.ShouldBe(200);
        calm.Drift.Drifted.ShouldBeFalse(calm.Drift.Message);
        (await SignalsAsync(served)).Last(s => s.Name == "realised(accuracy)" && s.Kind == SignalKind.Drift).Bad.ShouldBeFalse();
        (await served.Get<IDecisions>().ListAsync("late")).ShouldBeEmpty();

        served.Time.Advance(TimeSpan.FromDays(1));
        await LabelAsync(served, right: 40);
        await LabelAsync(served, right: 40);
        await served.TickAsync(TimeSpan.FromMinutes(1));
        await served.TickAsync(TimeSpan.FromMinutes(1));
        var worse = (await served.Get<IPerformance>().ReadAsync("late")).Summary!;
        worse.Drift!.Drifted.ShouldBeTrue(worse.Drift.Message);
        worse.Drift.Realised!.Value.ShouldBe(((2 * 97) + (4 * 40)) / 600.0, 1e-12);
        worse.Drift.Message.ShouldEndWith("it does worse than it promised");
        worse.Anomalies.ShouldHaveSingleItem().ShouldSatisfyAllConditions(a => a.Anomalous.ShouldBeTrue(), a => a.Value!.Value.ShouldBe(0.4, 1e-12));
        var told = await SignalsAsync(served);
        told.ShouldContain(s => s.Name == "realised(accuracy)" && s.Kind == SignalKind.Drift && s.Bad);
        told.ShouldContain(s => s.Name == "realised(accuracy)" && s.Kind == SignalKind.Anomaly && s.Bad);

        var decision = (await served.Get<IDecisions>().ListAsync("late")).ShouldHaveSingleItem();
        (decision.Cause, decision.Train).ShouldBe((DecisionCause.Feedback, true));
        decision.Reason.ShouldContain("it does worse than it promised");
        for (var i = 0; i < 4; i++) await served.TickAsync(TimeSpan.FromHours(2));
        (await served.Get<IDecisions>().ListAsync("late")).Count(d => d.Train).ShouldBe(1);
    }

    [Fact]
    public async Task Feedback_WithoutAModel_FindsTheModelOfItsPrediction()
    {
        await using var served = await ServedWorkspace.StartAsync(Model, folder => folder.Write("models/other.yaml", SmallWorkspace.Model.Replace("model: late", "model: other", StringComparison.Ordinal)));
        var id = served.Predict(0.9);
        await served.FlushAsync();
        var receipt = await served.SayAsync(new FeedbackItem { PredictionId = id, Actual = JsonSerializer.SerializeToElement(true) }, new FeedbackItem { PredictionId = "of-nobody", Used = true });
        receipt.Accepted.ShouldBe(2);
        for (var i = 0; i < 4; i++) await served.TickAsync(TimeSpan.FromMinutes(1));
        var outcomes = await served.Get<IPerformance>().ReadAsync("late");
        outcomes.Days.ShouldHaveSingleItem().Groups.ShouldHaveSingleItem().Labelled.ShouldBe(1);
        (await served.Get<IPerformance>().ReadAsync("other")).Days.ShouldBeEmpty();
    }

    private static async Task LabelAsync(ServedWorkspace served, int right)
    {
        var ids = Enumerable.Range(0, 200).Select(_ => served.Predict(0.9)).ToList();
        await served.FlushAsync();
        await served.SayAsync([.. ids.Select((id, i) => Actual(id, i % 100 < right))]);
        served.Time.Advance(TimeSpan.FromSeconds(10));
    }

    private static async Task<List<Signal>> SignalsAsync(ServedWorkspace served)
    {
        var day = DateOnly.FromDateTime(served.Now.UtcDateTime);
        return await served.Get<ISignals>().ReadAsync(day.AddDays(-3), day.AddDays(1)).ToListAsync();
    }
}
