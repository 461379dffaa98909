using Serverless.DuckDb.Sessions;
using Serverless.Erasure;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Training;

namespace Serverless.DuckDb.Tests.Rows;

public sealed class ErasedPersonIsNowhere : IDisposable
{
    private const string Person = "Quixote";
    private readonly OrdersFixture orders = new();

    public void Dispose() => orders.Dispose();

    [Fact]
    public async Task Erase_APersonInEveryPlace_LeavesNoTraceAndARecord()
    {
        await ThreeDaysAsync();
        await orders.EndAsync<TrainState>(await orders.Get<IRunEngine>().StartAsync(new TrainState { Model = "spend", AsOf = orders.Time.GetUtcNow(), Reason = "test", By = "test" }));
        await LogPredictionAsync("predictions/spend/date=2024-05-01/hour=12/a.parquet", """{"customer_id":7,"name":"Ms Quixote"}""", "Quixote", """{"customer_id":8}""", "Panza");
        orders.Everything().Where(f => f.Text.Contains(Person, StringComparison.Ordinal)).Select(f => f.Path.Split('/')[0] + Path.GetExtension(f.Path)).Distinct().ShouldNotBeEmpty();

        var report = await EraseAsync("customer_id = 7 OR name = 'Ms Quixote'");

        orders.Everything().Where(f => f.Text.Contains(Person, StringComparison.Ordinal)).Select(f => f.Path).ShouldBeEmpty();
        report.Rows.ShouldBe(3);
        report.Partitions.Select(p => (p.Key, p.Rows, Left: p.Replacement?.Rows)).ShouldBe([("2024-04-01", 1, 1), ("2024-04-02", 1, null), ("2024-04-01", 1, 2)], ignoreOrder: true);
        report.Elsewhere.ShouldBe(new Dictionary<string, long> { ["predictions"] = 1, ["quarantine"] = 1, ["references"] = 2 });
        report.Drops.ShouldBe(["b.csv", "a.csv"], ignoreOrder: true, "b.csv was corrected; both of its contents held the person, but landing has the last only");
        report.Condition.ShouldBe("customer_id = ? OR name = ?");
        (await orders.History.CommitsAsync("orders"))[^1].ShouldSatisfyAllConditions(
            c => c.Reason.ShouldBe("ticket 4711"), c => c.By.ShouldBe("test"), c => c.Run.ShouldBe(report.Run), c => c.Version.ShouldBe(report.Version!.Value));
    }

    [Fact]
    public async Task Erase_OtherPeople_KeepTheirRowsInEveryViewOfThePast()
    {
        await ThreeDaysAsync();
        await EraseAsync("customer_id = 7");

        (await orders.RowsAsync()).ShouldBe(["2024-04-01 10:00:00|8|Sancho|30", "2024-04-01 11:00:00|9|Alonso|31", "2024-04-03 10:00:00|9|Alonso|5"]);
        (await orders.RowsAsync(AsOf.AtVersion(1))).ShouldBe(["2024-04-01 10:00:00|8|Sancho|20"], "what was read before the correction is as it was, but for the person");
        var partition = (await orders.History.PartitionsAsync("orders"))[0];
        partition.By.ShouldBe("test");
        partition.RewrittenBy.ShouldNotBeNull();
        using var profile = await orders.Objects.MaterialiseAsync(PartitionKey.DataPath("orders", partition.Key, partition.Id, ".profile.json"));
        File.ReadAllText(profile.Path).ShouldContain("\"rows\":2");
    }

    [Fact]
    public async Task Erase_ThenACorrectionOfTheSameFile_SupersedesTheRewrittenPartition()
    {
        await ThreeDaysAsync();
        await EraseAsync("customer_id = 7");

        await orders.IngestAsync("b.csv", "2024-04-01 10:00:00,8,Sancho,99\n");

        (await orders.RowsAsync()).ShouldBe(["2024-04-01 10:00:00|8|Sancho|99", "2024-04-03 10:00:00|9|Alonso|5"]);
    }

    [Fact]
    public async Task Erase_TheSameDropAgain_DoesNotBringThePersonBack()
    {
        await ThreeDaysAsync();
        await EraseAsync("customer_id = 7");

        (await orders.IngestAsync("again.csv", DayTwo)).Status.ShouldBe(DropStatus.Duplicate);

        (await orders.RowsAsync()).ShouldNotContain(r => r.Contains(Person, StringComparison.Ordinal));
    }

    [Theory, InlineData("requested"), InlineData("committed"), InlineData("removed")]
    public async Task Erase_KilledAfterAnyStepWasDoneButNotRecorded_EndsTheSame(string killed)
    {
        await ThreeDaysAsync();
        var run = await orders.Get<IEraser>().StartAsync("orders", "customer_id = 7", "ticket 4711", "test", false);
        var state = new EraseState { Dataset = "orders", By = "test", Reason = "ticket 4711", Condition = "customer_id = ?" };
        foreach (var step in new[] { "requested", "committed", "removed" })
        {
            if (step == killed) await orders.StepAsync(step, run, state);
            state = (await orders.StepAsync(step, run, state)).State!;
        }

        orders.Everything().Where(f => f.Text.Contains(Person, StringComparison.Ordinal)).Select(f => f.Path).ShouldBeEmpty();
        (await orders.RowsAsync()).Count.ShouldBe(3);
        (await orders.History.CommitsAsync("orders")).Count(c => c.Erasures.Count > 0).ShouldBe(1);
    }

    [Fact]
    public async Task Preview_APerson_SaysWhatWouldGoAndChangesNothing()
    {
        await ThreeDaysAsync();
        var before = orders.Everything().ToList();

        var report = await orders.Get<IEraser>().PreviewAsync("orders", "customer_id = 7", "ticket 4711");

        report.Rows.ShouldBe(3);
        report.Elsewhere["quarantine"].ShouldBe(1);
        report.Drops.ShouldBe(["a.csv", "b.csv"], ignoreOrder: true);
        orders.Everything().ShouldBe(before);
    }

    [Fact]
    public async Task Erase_BrokenLinesAndRejectedDrops_AreCountedAndRemovedWhenAsked()
    {
        await orders.IngestAsync("broken.csv", "2024-04-01 10:00:00,8,Sancho,1\n2024-04-01 10:00:00,7,Quixote,1,too,many\n");
        (await orders.IngestAsync("other.parquet", "no parquet: Quixote")).Status.ShouldBe(DropStatus.Rejected);

        (await EraseAsync("customer_id = 7")).Unreadable.ShouldBe(2);
        orders.Everything().ShouldContain(f => f.Path.StartsWith("objects/quarantine", StringComparison.Ordinal) && f.Text.Contains(Person, StringComparison.Ordinal));

        await EraseAsync("customer_id = 7", unreadable: true);
        orders.Everything().Where(f => f.Text.Contains(Person, StringComparison.Ordinal)).Select(f => f.Path).ShouldBeEmpty("the drop that the broken line came in is gone from landing too");
        (await orders.RowsAsync()).ShouldBe(["2024-04-01 10:00:00|8|Sancho|1"]);
    }

    [Theory]
    [InlineData("custmer_id = 7", "there is no column 'custmer_id'. Did you mean 'customer_id'?")]
    [InlineData("customer_id", "it is no yes or no for each row")]
    [InlineData("1 = 1", "reads no column")]
    [InlineData("customer_id = (SELECT count(*) FROM read_csv('/etc/passwd'))", "subquery: a condition is about the columns of one row.")]
    [InlineData("customer_id = 7; DROP TABLE data", "that is no condition")]
    public async Task Start_NoConditionOverTheDataset_IsRefusedAndNothingStarts(string condition, string because)
    {
        await ThreeDaysAsync();

        (await Should.ThrowAsync<RequestException>(() => orders.Get<IEraser>().StartAsync("orders", condition, "ticket", "test", false))).Message.ShouldContain(because);

        (await orders.RowsAsync()).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Erase_RowsThatAModelLearnedFrom_NamesItsVersions()
    {
        await ThreeDaysAsync();
        await orders.EndAsync<TrainState>(await orders.Get<IRunEngine>().StartAsync(new TrainState { Model = "spend", AsOf = orders.Time.GetUtcNow(), Reason = "test", By = "test" }));
        (await orders.Get<IModelRegistry>().VersionsAsync("spend")).Count.ShouldBe(1);

        (await EraseAsync("customer_id = 7")).Models.ShouldBe(["spend 1"]);
    }

    private const string DayTwo = "2024-04-02 10:00:00,7,Ms Quixote,30\n2024-04-03 10:00:00,9,Alonso,5\n2024-04-03 11:00:00,7,Ms Quixote,500\n";

    // The person is in a corrected file, in a day of her own, in quarantine (500 is over the limit), and in landing.
    private async Task ThreeDaysAsync()
    {
        await orders.IngestAsync("b.csv", "2024-04-01 10:00:00,8,Sancho,20\n2024-04-01 11:00:00,7,Ms Quixote,40\n");
        await orders.IngestAsync("b.csv", "2024-04-01 10:00:00,8,Sancho,30\n2024-04-01 11:00:00,9,Alonso,31\n2024-04-01 12:00:00,7,Ms Quixote,32\n");
        await orders.IngestAsync("a.csv", DayTwo);
    }

    private async Task<EraseReport> EraseAsync(string condition, bool unreadable = false) =>
        (await orders.EndAsync<EraseState>(await orders.Get<IEraser>().StartAsync("orders", condition, "ticket 4711", "test", unreadable))).Report!;

    private async Task LogPredictionAsync(string key, string inputs, string subject, string otherInputs, string otherSubject)
    {
        var path = Path.Combine(orders.Store, "logged.parquet");
        using (var session = Session.Open())
        {
            session.Execute($"COPY (SELECT * FROM (VALUES ('p1', {Sql.Text(inputs)}, {Sql.Text(subject)}, 0.5), ('p2', {Sql.Text(otherInputs)}, {Sql.Text(otherSubject)}, 0.6)) t(id, inputs, subject, prediction)) TO {Sql.Text(path)} (FORMAT parquet)");
        }

        await using (var content = File.OpenRead(path)) await orders.Objects.PutAsync(key, content);
        File.Delete(path);
    }
}
