using Serverless.Arrival;
using Serverless.Core.Tests.Features;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Testing;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

public sealed class TrainRunTests
{
    [Fact]
    public async Task Train_FirstTime_RegistersAndPromotes()
    {
        using var fixture = new TrainFixture().WithDays(12);
        var (record, state) = await fixture.TrainAsync();
        (record.Status, record.Reason).ShouldBe((RunStatus.Done, null));
        var report = state.Report.ShouldNotBeNull();
        (report.Version, report.Champion, report.AwaitingApproval).ShouldBe((1, 1, false));
        (report.TrainRows, report.HoldoutRows).ShouldBe((9 * 200, 3 * 200));
        report.Gate.Passed.ShouldBeTrue();
        report.Metrics["auc"].ShouldBeGreaterThan(0.7);
        report.BaselineMetrics!["auc"].ShouldBe(0.5);
        report.Timings.Keys.ShouldBe(["read", "features", "fit", "evaluate", "pack", "reference", "gate", "total", "register"]);
        var version = (await fixture.Registry.FindAsync("late", 1))!;
        version.Run.ShouldBe(record.Id);
        version.Lineage.ShouldSatisfyAllConditions(
            l => l.Partitions.Count.ShouldBe(12), l => l.DatasetVersion.ShouldBe(12), l => l.WorkspaceHash.ShouldBe("hash"), l => l.Seed.ShouldBe(42),
            l => l.Hyperparameters.ShouldBe(new Dictionary<string, double> { ["steps"] = 30, ["sign"] = 1, ["learning-rate"] = 1 }),
            l => l.TrainFrom.ShouldBe(Day(1)), l => l.HoldoutFrom.ShouldBe(Day(10)), l => l.Until.ShouldBe(Day(13)));
        (await fixture.Registry.AuditAsync("late")).Select(a => a.Action).ShouldBe(["registered", "promoted"]);
        (await fixture.Objects.KeysAsync($"runs/{record.Id}/")).ShouldBe([$"runs/{record.Id}/metrics.json", $"runs/{record.Id}/model.zip", $"runs/{record.Id}/training.json"]);
    }

    // The same inputs give the same bytes, whichever process trains.
    [Fact]
    public async Task Train_SameInputs_GivesEqualMetricsAndEqualModelBytes()
    {
        var (metrics, models) = (new List<string?>(), new List<string>());
        for (var i = 0; i < 2; i++)
        {
            using var fixture = new TrainFixture().WithDays(10);
            var (record, _) = await fixture.TrainAsync();
            metrics.Add(await fixture.Objects.ReadTextAsync($"runs/{record.Id}/metrics.json"));
            models.Add((await fixture.Registry.FindAsync("late", 1))!.Sha256);
        }

        metrics[1].ShouldNotBeNull().ShouldBe(metrics[0]);
        models[1].ShouldBe(models[0]);
    }

    [Fact]
    public async Task Train_Window_LeavesOlderPartitionsUnread()
    {
        using var fixture = new TrainFixture(TrainFixture.Binary() with { Window = TimeSpan.FromDays(8) }).WithDays(12);
        var (_, state) = await fixture.TrainAsync();
        (state.Report!.TrainRows, state.Report.HoldoutRows).ShouldBe((5 * 200, 3 * 200));
        (await fixture.Registry.FindAsync("late", 1))!.Lineage.Partitions.Count.ShouldBe(8);
    }

    [Fact]
    public async Task Train_AsOf_SeesOnlyWhatWasThereThen()
    {
        using var fixture = new TrainFixture().WithDays(10);
        var then = fixture.Time.GetUtcNow();
        fixture.Time.Advance(TimeSpan.FromHours(1));
        fixture.Data.Add("2001-01-11", Fixture.Table(10), fixture.Time.GetUtcNow());
        await fixture.TrainAsync(asOf: then);
        (await fixture.Registry.FindAsync("late", 1))!.Lineage.DatasetVersion.ShouldBe(10);
    }

    [Fact]
    public async Task Train_DataThatCameAfterTheRunWasAskedFor_AreNotSeenByAnyAttempt()
    {
        using var fixture = new TrainFixture().WithDays(10);
        var id = await fixture.Engine.StartAsync(new TrainState { Model = "late", Reason = "test", By = "test" });
        fixture.Time.Advance(TimeSpan.FromHours(1));
        fixture.Data.Add("2001-01-11", Fixture.Table(10), fixture.Time.GetUtcNow());
        var record = await fixture.Engine.DriveAsync(id);
        (await fixture.Registry.FindAsync("late", 1))!.Lineage.DatasetVersion.ShouldBe(10);
        record.Data.GetProperty("asOf").GetDateTimeOffset().ShouldBe(record.CreatedAt);
    }

    [Fact]
    public async Task Train_WorseThanTheChampion_IsRefusedAndTheChampionStays()
    {
        using var store = new TempFolder();
        using (var good = new TrainFixture(storeFolder: store["s"]).WithDays(12)) await good.TrainAsync();
        using var bad = new TrainFixture(TrainFixture.Binary(("steps", "1"), ("sign", "-1")) with { Gate = new GateDefinition { Tolerance = 0.005 } }, store["s"]).WithDays(12);
        var (record, state) = await bad.TrainAsync();
        record.Status.ShouldBe(RunStatus.Refused);
        record.Reason.ShouldNotBeNull().ShouldStartWith("the gate refused the model: auc 0.");
        state.Report!.Gate.Reasons.ShouldContain(r => r.Contains("of champion version 1: worse by", StringComparison.Ordinal));
        state.Report.ChampionMetrics!["auc"].ShouldBeGreaterThan(0.7);
        (await bad.Registry.VersionsAsync("late")).Count.ShouldBe(1);
        (await bad.Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
    }

    [Fact]
    public async Task Train_ApprovalHuman_WaitsAndDoesNotServe()
    {
        using var fixture = new TrainFixture(TrainFixture.Binary() with { Approval = ApprovalKind.Human }).WithDays(12);
        var (record, state) = await fixture.TrainAsync();
        record.Status.ShouldBe(RunStatus.Done);
        (state.Report!.AwaitingApproval, state.Report.Champion).ShouldBe((true, null));
        (await fixture.Registry.FindAsync("late", 1))!.Status.ShouldBe(VersionStatus.AwaitingApproval);
        await fixture.Registry.ApproveAsync("late", 1, "cli:bob", "fine");
        (await fixture.Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
    }

    [Fact]
    public async Task Train_RunAgain_DoesNothingTwice()
    {
        using var fixture = new TrainFixture().WithDays(12);
        var (record, _) = await fixture.TrainAsync("train-20260102030405-aaaaaa");
        await fixture.TrainAsync("train-20260102030405-aaaaaa");
        fixture.Trainer.Fits.ShouldBe(1);
        (await fixture.Registry.VersionsAsync("late")).ShouldHaveSingleItem().Run.ShouldBe(record.Id);
    }

    [Fact]
    public async Task Train_WhileAnotherTrainsTheModel_Waits()
    {
        using var fixture = new TrainFixture().WithDays(12);
        var lease = (await fixture.Leases.TryAcquireAsync("train", "late", TimeSpan.FromMinutes(1))).ShouldNotBeNull();
        var id = await fixture.Engine.StartAsync(new TrainState { Model = "late", Reason = "test", By = "test" });
        await fixture.Engine.WorkOnceAsync();
        var waiting = (await fixture.Engine.FindAsync(id))!;
        (waiting.State, waiting.Status, waiting.Reason).ShouldBe(("queued", RunStatus.Running, "another training of 'late' is running"));
        fixture.Trainer.Fits.ShouldBe(0);
        await fixture.Leases.ReleaseAsync(lease);
        fixture.Time.Advance(TimeSpan.FromSeconds(10));
        (await fixture.Engine.DriveAsync(id)).Status.ShouldBe(RunStatus.Done);
    }

    [Fact]
    public async Task Train_ChampionMovedMeanwhile_RegistersButDoesNotPromote()
    {
        using var fixture = new TrainFixture().WithDays(12);
        await fixture.TrainAsync();
        await fixture.TrainAsync();
        fixture.Trainer.BeforeFit = () => fixture.Registry.RollBackAsync("late", "cli:bob", "looks wrong");
        var (record, state) = await fixture.TrainAsync();
        record.Status.ShouldBe(RunStatus.Failed);
        record.Reason.ShouldBe("the champion of 'late' became version 1 while this run compared with version 2; version 3 is registered but not promoted: train again, or promote it by hand");
        (await fixture.Registry.AliasAsync("late", Alias.Champion)).ShouldBe(1);
        state.Report!.Version.ShouldBe(3);
    }

    [Fact]
    public async Task Train_DamagedChampion_IsSaidAndReplaced()
    {
        using var fixture = new TrainFixture().WithDays(12);
        await fixture.TrainAsync();
        await fixture.Objects.PutAsync("models/late/1/model.zip", new MemoryStream([1, 2, 3]));
        var (record, state) = await fixture.TrainAsync();
        record.Status.ShouldBe(RunStatus.Done);
        state.Report!.Gate.Reasons.ShouldContain(r => r.StartsWith("champion version 1 was not compared: version 1 of model 'late' is damaged", StringComparison.Ordinal));
        state.Report.Champion.ShouldBe(2);
    }

    [Theory, InlineData(TaskKind.Multiclass, "origin", "accuracy"), InlineData(TaskKind.Regression, "delay", "rmse"), InlineData(TaskKind.Multiclass, "int(date.DayOfWeek)", "accuracy")]
    public async Task Train_OtherTasks_GoTheWholeWay(TaskKind task, string label, string metric)
    {
        var model = TrainFixture.Binary() with { Task = task, Label = new ExpressionText(label), Gate = new GateDefinition { Metric = metric, Tolerance = 1 } };
        using var fixture = new TrainFixture(task == TaskKind.Multiclass ? model with { Features = [.. model.Features, Fixture.Feature("weekday", "int(date.DayOfWeek)", FeatureEncoding.OneHot)] } : model).WithDays(20);
        var (record, state) = await fixture.TrainAsync();
        (record.Status, record.Reason).ShouldBe((RunStatus.Done, null));
        state.Report!.Metrics.Keys.ShouldContain(metric);
        (await fixture.Registry.LoadAsync("late", 1)).Schema.Outputs.ShouldBe(task == TaskKind.Regression ? 1 : label == "origin" ? 5 : 7);
    }

    [Fact]
    public async Task Train_NoPartitions_SaysHowToIngest() => await Expect(new TrainFixture(),
        "dataset 'flights' has no partitions yet; bring data in first: serverless-ml ingest flights FILE...");

    [Fact]
    public async Task Train_OnlyOneClass_SaysSo() => await Expect(new TrainFixture().WithDays(12, delay: (_, _) => 5),
        "label 'delay > 15' of model 'late' has one class only in the training rows: all 1800 from 2001-01-01 to 2001-01-10 are 'false'; there is nothing to tell apart. Change the label, or lengthen 'window'");

    [Fact]
    public async Task Train_FewerDaysThanTheHoldout_SaysSo() => await Expect(new TrainFixture().WithDays(2),
        "model 'late': the data from 2001-01-01 to 2001-01-03 (400 rows) are all within the holdout of 3 days, so no row is left to train on; shorten 'holdout', lengthen 'window', or ingest more");

    [Fact]
    public async Task Train_LabelMissingEverywhere_SaysSo() => await Expect(new TrainFixture().WithDays(12, delay: (_, _) => null),
        "label 'delay > 15' of model 'late' is missing in all 2400 rows from 2001-01-01 to 2001-01-13; see whether its columns are filled in the drops");

    [Fact]
    public async Task Train_LabelMissingInTheHoldout_SaysSo() => await Expect(new TrainFixture().WithDays(12, delay: (day, noise) => day > 8 ? null : (long)(noise * 40)),
        "model 'late': no row of the holdout from 2001-01-10 to 2001-01-13 has the label 'delay > 15', so nothing can be judged; lengthen 'holdout', or ingest rows with labels");

    [Fact]
    public async Task Train_PartitionFailedAnErrorCheck_Stops()
    {
        var fixture = new TrainFixture().WithDays(12);
        fixture.Data.Add("2001-01-13", Fixture.Table(5), fixture.Time.GetUtcNow(), Severity.Error);
        await fixture.Objects.PutAsync("data/flights/year=2001/month=01/day=13/p000000000000013.checks.json", ObjectText.Of("""
            {"schemaVersion":1,"id":"p000000000000013","checks":[
              {"check":"completeness","column":"delay","outcome":"failed","value":0.4,"expectation":"completeness >= 0.95","severity":"error"},
              {"check":"size","outcome":"failed","value":5,"expectation":"size >= 1000","severity":"warning"}]}
            """));
        await Expect(fixture, "checks forbid training: partition 2001-01-13 (p000000000000013): completeness of 'delay' is 0.4, expected completeness >= 0.95 (error). "
            + "Ingest a corrected drop under the same file name, or change the check or its severity");
    }

    [Theory, InlineData(MissingPolicy.Stop), InlineData(MissingPolicy.KeepLast), InlineData(MissingPolicy.Ignore)]
    public async Task Train_DataThatAreDueAreMissing_StopsOnlyWhereTheDatasetInsists(MissingPolicy policy)
    {
        var arrival = new ArrivalDefinition { Every = TimeSpan.FromDays(1), Due = new TimeOnly(4, 0), Deadline = new TimeOnly(6, 0), OnMissing = policy };
        using var fixture = new TrainFixture(arrival: arrival).WithDays(12);
        await fixture.Get<IArrivals>().LookAsync("flights"); // from here on it is watched: the first of January is due in an hour, the second tomorrow
        fixture.Time.Advance(TimeSpan.FromHours(30));

        var (record, _) = await fixture.TrainAsync();

        (record.Status, record.Reason).ShouldBe(policy == MissingPolicy.Stop
            ? (RunStatus.Failed, "dataset flights: partitions 2026-01-01 to 2026-01-02 (2) missing since 2026-01-02T04:00:00Z; last data 2001-01-12 (onMissing: stop)") : (RunStatus.Done, null));
        (await fixture.Registry.VersionsAsync("late")).Count.ShouldBe(policy == MissingPolicy.Stop ? 0 : 1);
    }

    private static async Task Expect(TrainFixture fixture, string reason)
    {
        using var owned = fixture;
        var (record, state) = await fixture.TrainAsync();
        (record.Status, record.Reason).ShouldBe((RunStatus.Failed, reason));
        state.Report.ShouldBeNull();
        (await fixture.Registry.VersionsAsync("late")).ShouldBeEmpty();
        (await fixture.Leases.TryAcquireAsync("train", "late", TimeSpan.FromMinutes(1))).ShouldNotBeNull(); // given back
    }

    private static DateTimeOffset Day(int day) => new(2001, 1, day, 0, 0, 0, TimeSpan.Zero);
}
