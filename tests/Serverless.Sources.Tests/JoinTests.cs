using Microsoft.Extensions.DependencyInjection;
using Serverless.DuckDb.Joins;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Testing;

namespace Serverless.Sources.Tests;

public sealed class JoinTests
{
    private const string Orders = """
        dataset: orders
        partition: { column: at, grain: day }
        columns:
          id: { type: integer, required: true }
          at: { type: timestamp, required: true }
          amount: number
        """;

    private const string Folder = "  - { name: shop, kind: folder, path: orders, rests: 0 }";

    private const string Rates = """
        dataset: day-rates
        partition: { column: day, grain: month }
        columns:
          day: { type: timestamp, required: true }
          rate: { type: number, required: true }
        sources:
          - { name: bank, kind: folder, path: rates, rests: 0 }
        """;

    private const string Revenue = """
        dataset: revenue
        partition: { column: at, grain: day }
        columns:
          id: { type: integer, required: true }
          at: { type: timestamp, required: true }
          euro: number
        from: |
          SELECT o.id, o.at, o.amount * r.rate AS euro
          FROM orders o JOIN day_rates r ON date_trunc('day', o.at) = r.day
          WHERE o.amount > 0
        """;

    [Fact]
    public async Task Pull_OfAJoin_StoresTheRowsWithTheirLineage()
    {
        using var fixture = Fixture();
        await FillAsync(fixture);

        var report = await fixture.PullAsync("join", dataset: "revenue");

        (report.Status, report.Reason).ShouldBe((PullStatus.Stored, null));
        (await fixture.RowsAsync("euro", "revenue")).ShouldBe(["2", "9"]);
        var commit = (await fixture.CommitsAsync("revenue")).ShouldHaveSingleItem();
        (commit.By, commit.File, commit.Origin!.Address).ShouldBe(("pull:join", "join.parquet", "day-rates@1, orders@1"));
        var orders = (await fixture.CommitsAsync("orders"))[0];
        var input = commit.Origin.Inputs.Single(i => i.Dataset == "orders");
        input.Version.ShouldBe(1);
        input.Partitions.ShouldBe(orders.Partitions.Select(p => p.Id), ignoreOrder: true);
        input.Drops.ShouldBe([new InputDrop("shop-1.csv", orders.Drop, "pull:shop", 1)]);

        (await fixture.PullAsync("join", dataset: "revenue")).Reason.ShouldBe("the inputs have not changed (day-rates@1, orders@1)");
    }

    [Fact]
    public async Task Tick_AnInputChanged_JoinsAnewAndEndsWhatIsGone()
    {
        using var fixture = Fixture();
        await FillAsync(fixture);
        await fixture.PullAsync("join", dataset: "revenue");
        // The order of the 2nd turns out to be worth nothing, so the join has no row left for that day.
        fixture.Folder.Write("orders/1.csv", "id,at,amount\n1,2026-03-01T10:00:00Z,1\n2,2026-03-02T10:00:00Z,0\n3,2026-03-03T10:00:00Z,4\n");
        File.SetLastWriteTimeUtc(fixture.Folder["orders/1.csv"], DateTime.UtcNow.AddMinutes(-1));
        fixture.Folder.Write("rates/2.csv", "day,rate\n2026-03-03T00:00:00Z,5\n");
        await fixture.PullAsync("bank", dataset: "day-rates");
        await fixture.PullAsync("shop");

        var process = fixture.Process();
        await process.GetRequiredService<IPullScheduler>().TickAsync(DateTimeOffset.UtcNow.AddMinutes(1));
        var runs = process.GetRequiredService<IRunEngine>();
        var run = await runs.ListAsync("pull", "revenue").FirstAsync(r => r.Status == RunStatus.Running);
        SourceFixture.Report(await runs.DriveAsync(run.Id)).Status.ShouldBe(PullStatus.Stored);
        await process.GetRequiredService<IPullScheduler>().TickAsync(DateTimeOffset.UtcNow.AddMinutes(2));

        (await runs.ListAsync("pull", "revenue").CountAsync()).ShouldBe(2); // once for the change
        (await process.GetRequiredService<IDatasetHistory>().PartitionsAsync("revenue")).Select(p => p.Key).ShouldBe(["2026-03-01", "2026-03-03"]);
        (await process.GetRequiredService<IDatasetHistory>().PartitionsAsync("revenue", AsOf.AtVersion(1))).Select(p => p.Key).ShouldBe(["2026-03-01", "2026-03-02"]);
    }

    [Theory]
    [InlineData("SELECT o.id, o.at FROM orders o JOIN read_csv('/etc/passwd') p ON true", "'from' is no query over orders: table function 'read_csv' is not allowed; the rows are in orders.")]
    [InlineData("SELECT o.id, o.at, getenv('HOME') AS who FROM orders o", "'from' is no query over orders: function 'getenv' is not allowed here.")]
    [InlineData("SELECT o.id, o.at, list(o.amount) OVER () AS all_of_them FROM orders o", "'from' is no query over orders: function 'list' is not allowed here.")]
    [InlineData("SELECT o.id, o.at FROM orders o, duckdb_settings()", "'from' is no query over orders: table function 'duckdb_settings' is not allowed; the rows are in orders.")]
    [InlineData("SELECT o.id, o.at FROM orders o, '/etc/passwd'", "'from' is no query over orders: '/etc/passwd' cannot be read; the rows are in orders.")]
    [InlineData("SELECT o.id, o.at FROM orders o, information_schema.tables", "'from' is no query over orders: 'tables' cannot be read; the rows are in orders.")]
    [InlineData("SELECT id, at FROM orders; DROP TABLE orders", "'from': the query has more than one statement; one SELECT is expected.")]
    [InlineData("COPY orders TO 'x.csv'", "'from': the query does not read: it must begin with SELECT, WITH, VALUES or TABLE.")]
    [InlineData("SELECT id, at FROM ordrs", "'from' names no other dataset of this workspace. It has: day-rates, orders.")]
    [InlineData("SELECT idd, o.at FROM orders o", "'from' is no query over orders: Binder Error: Referenced column \"idd\" not found")]
    [InlineData("SELECT id AS nr, o.at FROM orders o", "'from' gives no column 'id', which the contract requires. Known: at, nr.")]
    [InlineData("SELECT r.id, r.at FROM revenue r JOIN orders o ON o.id = r.id", "'from' reads 'revenue' itself.")]
    public void Load_WrongQuery_IsNamedWithItsPlace(string sql, string expected)
    {
        using var fixture = Fixture(sql);

        var problems = Should.Throw<ConfigurationException>(() => fixture.Process()).Problems;

        problems.ShouldContain(p => p.File == "datasets/revenue.yaml" && p.Line == 7 && p.Message.StartsWith(expected), string.Join('\n', problems));
    }

    [Fact]
    public async Task Pull_QueryThatReadsElsewhereAtRunTime_IsRefusedAndNothingIsStored()
    {
        // Past the validator, as a view that a later version of the engine may read otherwise: the file is named by data.
        using var fixture = Fixture("SELECT o.id, o.at, (SELECT count(*) FROM glob('/etc/*'))::DOUBLE AS euro FROM orders o");
        await FillAsync(fixture, validate: false);

        var report = await fixture.PullAsync("join", fixture.Unchecked(), "revenue");

        report.Status.ShouldBe(PullStatus.Failed);
        report.Reason!.ShouldContain("the join failed");
        (await fixture.Unchecked().GetRequiredService<IDatasetHistory>().CommitsAsync("revenue")).ShouldBeEmpty();
    }

    // 4,000 orders against 200 rates: the sort of 800,000 rows takes more than the 30 MB that it may have.
    private const string Large = "SELECT q.id, q.at, q.euro FROM (SELECT o.id, o.at, o.amount * r.rate AS euro, row_number() OVER (ORDER BY o.amount * r.rate DESC, o.id, r.day) AS place FROM orders o, day_rates r) q WHERE q.place <= 3";

    [Fact]
    public async Task Pull_JoinLargerThanItsMemory_GoesOnOnDiskAndIsRight()
    {
        using var fixture = Fixture(Large);
        await FillManyAsync(fixture);

        var report = await fixture.PullAsync("join", fixture.Process(s => s.AddSingleton(new JoinMemory(30))), "revenue");

        (report.Status, report.Reason).ShouldBe((PullStatus.Stored, null));
        (await fixture.RowsAsync("euro", "revenue")).ShouldBe(["799600", "799800", "800000"]);
    }

    [Fact]
    public async Task Pull_JoinThatNeedsMoreMemoryThanThereIs_SaysSoStoresNothingAndTheNextGetsAll()
    {
        using var fixture = Fixture(Large);
        await FillManyAsync(fixture);
        var before = await ObjectsAsync(fixture);

        var report = await fixture.PullAsync("join", fixture.Process(s => s.AddSingleton(new JoinMemory(30, Disk: 1))), "revenue");

        report.Status.ShouldBe(PullStatus.Failed);
        report.Reason!.ShouldStartWith("nothing was stored: the join needs more memory than it may have, with what it could put on disk (");
        report.Reason!.ShouldEndWith("). Filter or aggregate before joining, select fewer columns, and join on equal columns.");
        (await fixture.CommitsAsync("revenue")).ShouldBeEmpty();
        (await ObjectsAsync(fixture)).ShouldBe(before);
        (await fixture.SignalsAsync()).Where(s => s.Bad).ShouldHaveSingleItem().Message.ShouldContain("needs more memory");

        (await fixture.PullAsync("join", dataset: "revenue")).Status.ShouldBe(PullStatus.Stored);
        (await fixture.RowsAsync("euro", "revenue")).ShouldBe(["799600", "799800", "800000"]);
    }

    private static async Task<List<string>> ObjectsAsync(SourceFixture fixture)
    {
        var keys = new List<string>();
        foreach (var container in new[] { "landing", "data", "quarantine", "runs" }) keys.AddRange(await fixture.Objects.KeysAsync(container));
        return keys;
    }

    private static async Task FillManyAsync(SourceFixture fixture)
    {
        fixture.Folder.Write("orders/1.csv", "id,at,amount\n" + string.Concat(Enumerable.Range(1, 4000).Select(i => $"{i},2026-03-01T10:00:00Z,{i}\n")));
        fixture.Folder.Write("rates/1.csv", "day,rate\n" + string.Concat(Enumerable.Range(1, 200).Select(i => $"2026-03-01T00:00:00Z,{i}\n")));
        var process = fixture.Process();
        (await fixture.PullAsync("shop", process)).Status.ShouldBe(PullStatus.Stored);
        (await fixture.PullAsync("bank", process, "day-rates")).Status.ShouldBe(PullStatus.Stored);
    }

    private static SourceFixture Fixture(string? sql = null)
    {
        var fixture = new SourceFixture(Folder, contract: Orders);
        fixture.Folder.Write("datasets/day-rates.yaml", Rates);
        var from = Revenue.IndexOf("from:", StringComparison.Ordinal);
        fixture.Folder.Write("datasets/revenue.yaml", sql is null ? Revenue : Revenue[..from] + "from: |\n  " + sql + "\n");
        return fixture;
    }

    private static async Task FillAsync(SourceFixture fixture, bool validate = true)
    {
        fixture.Folder.Write("orders/1.csv", "id,at,amount\n1,2026-03-01T10:00:00Z,1\n2,2026-03-02T10:00:00Z,3\n");
        fixture.Folder.Write("rates/1.csv", "day,rate\n2026-03-01T00:00:00Z,2\n2026-03-02T00:00:00Z,3\n");
        var process = validate ? fixture.Process() : fixture.Unchecked();
        (await fixture.PullAsync("shop", process)).Status.ShouldBe(PullStatus.Stored);
        (await fixture.PullAsync("bank", process, "day-rates")).Status.ShouldBe(PullStatus.Stored);
    }
}
