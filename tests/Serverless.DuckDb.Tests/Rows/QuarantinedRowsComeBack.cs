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
