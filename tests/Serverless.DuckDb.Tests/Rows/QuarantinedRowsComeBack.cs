using Serverless.Replay;
using Serverless.Runs;
using Serverless.Testing;

namespace Serverless.DuckDb.Tests.Rows;

public sealed class QuarantinedRowsComeBack : IDisposable
{
    private const string Rows = "2024-04-01 10:00:00,8,Sancho,20\n2024-04-01 11:00:00,7,Quixote,400\n2024-04-02 10:00:00,7,Quixote,5000\n2024-04-02 11:00:00,9,Alonso,1,too,many\n2024-04-02 12:00:00,9,Alonso,2\n";
    private const string Mended = "max: 1000";
    private readonly OrdersFixture orders = new();

    public void Dispose() => orders.Dispose();

    [Fact]
    public async Task Replay_BeforeTheContractIsMended_ChangesNothing()
    {
        await orders.IngestAsync("a.csv", Rows);
        var before = await orders.Objects.KeysAsync("quarantine");

        var report = await ReplayAsync();

        report.ShouldSatisfyAllConditions(r => r.Quarantined.ShouldBe(3), r => r.Stored.ShouldBe(0), r => r.Left.ShouldBe(3));
        (await orders.Objects.KeysAsync("quarantine")).ShouldBe(before);
        (await orders.RowsAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Replay_AfterTheContractWasMended_StoresWhatFitsOnceAndKeepsTheRest()
    {
        await orders.IngestAsync("a.csv", Rows);
        await ReplayAsync();
        orders.Mend(OrdersFixture.Contract.Replace("max: 100", Mended, StringComparison.Ordinal));

        var report = await ReplayAsync();
        var again = await ReplayAsync();

        report.ShouldSatisfyAllConditions(r => r.Quarantined.ShouldBe(3), r => r.Stored.ShouldBe(1), r => r.Left.ShouldBe(2), r => r.Partitions.Single().Key.ShouldBe("2024-04-01"));
        again.ShouldSatisfyAllConditions(r => r.Quarantined.ShouldBe(2), r => r.Stored.ShouldBe(0));
        (await orders.RowsAsync()).ShouldBe(["2024-04-01 10:00:00|8|Sancho|20", "2024-04-01 11:00:00|7|Quixote|400", "2024-04-02 12:00:00|9|Alonso|2"]);
        var left = (await QuarantineAsync()).ToList();
        left.ShouldBe(["2024-04-02 10:00:00|7|Quixote|5000|max:amount|3|", "||||columns|4|2024-04-02 11:00:00,9,Alonso,1,too,many"], ignoreOrder: true, "with the number that each had in its own drop");
    }

    [Theory, InlineData("requested"), InlineData("landed"), InlineData("stored")]
    public async Task Replay_KilledAfterAnyStepWasDoneButNotRecorded_StoresEachRowOnce(string killed)
    {
        await orders.IngestAsync("a.csv", Rows);
        orders.Mend(OrdersFixture.Contract.Replace("max: 100", Mended, StringComparison.Ordinal));
        var run = await orders.Get<IRunEngine>().StartAsync(new ReplayState { Dataset = "orders", By = "test" });
        var state = new ReplayState { Dataset = "orders", By = "test" };
        foreach (var step in new[] { "requested", "landed", "stored" })
        {
            if (step == killed) await orders.StepAsync(step, run, state);
            state = (await orders.StepAsync(step, run, state)).State!;
        }

        (await orders.RowsAsync()).Count(r => r.Contains("Quixote", StringComparison.Ordinal)).ShouldBe(1);
        (await QuarantineAsync()).Count().ShouldBe(2);
    }

    [Fact]
    public async Task Replay_TheSameBadRowOfTwoDrops_ComesInTwice()
    {
        const string Row = "2024-04-01 11:00:00,7,Quixote,400\n";
        await orders.IngestAsync("a.csv", Row + "2024-04-01 10:00:00,8,Sancho,20\n");
        orders.Mend(OrdersFixture.Contract.Replace("max: 100", Mended, StringComparison.Ordinal));
        await ReplayAsync();
        orders.Mend(OrdersFixture.Contract);
        await orders.IngestAsync("b.csv", Row + "2024-04-01 10:00:00,8,Sancho,21\n");
        orders.Mend(OrdersFixture.Contract.Replace("max: 100", Mended, StringComparison.Ordinal));

        (await ReplayAsync()).Stored.ShouldBe(1);

        (await orders.RowsAsync()).Count(r => r.Contains("Quixote", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Replay_WhileAnotherReplayHasTheRows_LeavesThemToIt()
    {
        await orders.IngestAsync("a.csv", Rows);
        orders.Mend(OrdersFixture.Contract.Replace("max: 100", Mended, StringComparison.Ordinal));
        var state = new ReplayState { Dataset = "orders", By = "test" };
        var first = await orders.Get<IRunEngine>().StartAsync(state);
        await orders.StepAsync("requested", first, state);

        (await ReplayAsync()).Quarantined.ShouldBe(0);

        await orders.EndAsync<ReplayState>(first);
        (await orders.RowsAsync()).Count(r => r.Contains("Quixote", StringComparison.Ordinal)).ShouldBe(1);
    }

    // Alone, the one row that comes back would be too few of a day; the day had too few as long as it was missing. Both are trained on now.
    [Fact]
    public async Task Replay_OfADayWithChecks_JudgesTheDayAndNotTheRowsThatCameBack()
    {
        var checkedContract = OrdersFixture.Contract + "\nchecks:\n  - { check: size, min: 2, severity: error }\n  - { check: mean, column: amount, max: 250, severity: error }\n  - { check: uniqueness, column: name, min: 1, severity: error }\n";
        orders.Mend(checkedContract);
        await orders.IngestAsync("a.csv", "2024-04-01 10:00:00,8,Sancho,20\n2024-04-01 11:00:00,7,Quixote,400\n");
        (await orders.History.PartitionsAsync("orders")).Single().Entry.Failed.ShouldBe(Serverless.Datasets.Severity.Error);
        var inspector = orders.Get<Partitions.IDatasetInspector>();
        (await inspector.CheckAsync("orders")).ShouldSatisfyAllConditions(c => c.Status.ShouldBe(Partitions.CheckStatus.Failed), c => c.Quarantined.ShouldBe(1));

        orders.Mend(checkedContract.Replace("max: 100 ", "max: 1000 ", StringComparison.Ordinal));
        (await ReplayAsync()).Stored.ShouldBe(1);

        var partitions = await orders.History.PartitionsAsync("orders");
        partitions.Count.ShouldBe(2);
        partitions.ShouldAllBe(p => p.Entry.Failed == null);
        var check = await orders.Get<Partitions.IDatasetInspector>().CheckAsync("orders");
        check.ShouldSatisfyAllConditions(c => c.Status.ShouldBe(Partitions.CheckStatus.Passed), c => c.Quarantined.ShouldBe(0), c => c.Partitions.Single().Checks.Select(r => r.Value).ShouldBe([2, 210, 1]));

        // What was known before the replay stays as it was.
        (await orders.History.PartitionsAsync("orders", Partitions.AsOf.AtVersion(1))).Single().Entry.Failed.ShouldBe(Serverless.Datasets.Severity.Error);
    }

    [Fact]
    public async Task Ingest_OfASecondDropForADay_FailsWhereTheDayAsAWholeFails()
    {
        orders.Mend(OrdersFixture.Contract + "\nchecks:\n  - { check: uniqueness, column: name, min: 1, severity: error }\n");
        await orders.IngestAsync("a.csv", "2024-04-01 10:00:00,8,Sancho,20\n");
        var report = await orders.IngestAsync("b.csv", "2024-04-01 11:00:00,8,Sancho,30\n");
        report.Failed.Single().Value.ShouldBe(0);
        (await orders.History.PartitionsAsync("orders")).ShouldAllBe(p => p.Entry.Failed == Serverless.Datasets.Severity.Error);
    }

    [Fact]
    public async Task Replay_NoQuarantine_SaysSo() => (await ReplayAsync()).ShouldSatisfyAllConditions(r => r.Quarantined.ShouldBe(0), r => r.Stored.ShouldBe(0));

    private async Task<ReplayReport> ReplayAsync()
    {
        orders.Time.Advance(TimeSpan.FromMinutes(1));
        return (await orders.EndAsync<ReplayState>(await orders.Get<IRunEngine>().StartAsync(new ReplayState { Dataset = "orders", By = "test" }))).Report!;
    }

    private async Task<IEnumerable<string>> QuarantineAsync()
    {
        var rows = new List<string>();
        foreach (var key in await orders.Objects.KeysAsync("quarantine"))
        {
            using var file = await orders.Objects.MaterialiseAsync(key);
            rows.AddRange(EngineFixture.Rows(file.Path));
        }

        return rows;
    }
}
