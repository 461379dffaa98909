using Microsoft.Data.Sqlite;

namespace Serverless.Sources.Tests.Sql;

/// <summary>SQL sources on a real SQLite database.</summary>
public sealed class SqliteTests : IDisposable
{
    private readonly string variable = "SQLITE_TEST_" + Guid.NewGuid().ToString("N");
    private readonly Serverless.Testing.TempFolder folder = new();
    private readonly SourceFixture fixture;

    public SqliteTests()
    {
        Environment.SetEnvironmentVariable(variable, $"Data Source={folder["shop.db"]}");
        fixture = New("SELECT id, at, amount FROM orders WHERE id > @since ORDER BY id", "since: { column: id, first: 0 }");
        Execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, at TEXT NOT NULL, amount REAL)");
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(variable, null);
        fixture.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Pull_WithAWatermark_BringsOnlyNewRowsAndAddsThem()
    {
        Execute("INSERT INTO orders VALUES (1, '2026-03-01 10:00:00', 1.5), (2, '2026-03-01 11:00:00', NULL)");
        (await fixture.PullAsync()).Until.ShouldBe("2");
        (await fixture.PullAsync()).Reason.ShouldBe("no rows after 2");
        Execute("INSERT INTO orders VALUES (3, '2026-03-01 12:00:00', 3)");

        (await fixture.PullAsync()).Until.ShouldBe("3");

        (await fixture.RowsAsync()).ShouldBe(["1", "2", "3"]);
        var commits = await fixture.CommitsAsync();
        commits.Select(c => (c.Origin!.Since, c.Origin.Until, c.Origin.Rows, c.Origin.Address)).ShouldBe(
            [("0", "2", 2L, $"sqlite:env:{variable}"), ("2", "3", 1L, $"sqlite:env:{variable}")]);
        commits.ShouldAllBe(c => c.Quarantined == 0);
    }

    [Fact]
    public async Task Pull_WatermarkOfTextTimes_GoesInAsItCameOut()
    {
        using var byTime = New("SELECT id, at, amount FROM orders WHERE at > @since", "since: { column: at, first: \"2026-01-01 00:00:00\" }");
        Execute("INSERT INTO orders VALUES (1, '2026-03-01 10:00:00', 1), (2, '2026-03-02 10:00:00', 1)");
        (await byTime.PullAsync()).Until.ShouldBe("2026-03-02 10:00:00");
        Execute("INSERT INTO orders VALUES (3, '2026-03-02 10:00:01', 1)");

        (await byTime.PullAsync()).Until.ShouldBe("2026-03-02 10:00:01");

        (await byTime.RowsAsync()).ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public async Task Pull_WholeQuery_CorrectsWhatItBroughtBefore()
    {
        using var whole = New("SELECT * FROM orders");
        Execute("INSERT INTO orders VALUES (1, '2026-03-01 10:00:00', 1)");
        await whole.PullAsync();
        Execute("UPDATE orders SET amount = 7");

        await whole.PullAsync();

        (await whole.RowsAsync("amount")).ShouldBe(["7"]);
    }

    [Theory]
    [InlineData("WITH x AS (SELECT 1) DELETE FROM orders", "readonly")]
    [InlineData("SELECT id, at, amount, at FROM orders", "two columns of the query are named 'at'; give each a name of its own with AS.")]
    [InlineData("SELECT nosuch FROM orders", "no such column: nosuch")]
    public async Task Pull_QueryThatCannotBe_FailsWithTheReasonAndChangesNothing(string query, string expected)
    {
        using var bad = New(query);
        Execute("INSERT INTO orders VALUES (1, '2026-03-01 10:00:00', 1)");

        var report = await bad.PullAsync();

        report.Status.ShouldBe(PullStatus.Failed);
        report.Reason!.ShouldContain(expected);
        await bad.NothingStoredAsync();
        Count().ShouldBe(1L);
    }

    [Fact]
    public async Task Pull_DatabaseThatIsNotThere_FailsAfterItsRetries()
    {
        Environment.SetEnvironmentVariable(variable, $"Data Source={folder["none/shop.db"]}");

        (await fixture.PullAsync()).Reason!.ShouldContain("unable to open database file");
        await fixture.NothingStoredAsync();
    }

    [Fact]
    public async Task Pull_NoConnectionString_IsSaidWithoutRepeatingIt()
    {
        Environment.SetEnvironmentVariable(variable, "Pasword=hunter2");

        var reason = (await fixture.PullAsync()).Reason!;

        reason.ShouldContain($"what 'env:{variable}' holds is no connection string of 'sqlite'");
        reason.ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task Pull_ManyRows_AreStreamed()
    {
        Execute("INSERT INTO orders WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i, '2026-03-01 10:00:00', i FROM n");
        var before = GC.GetTotalAllocatedBytes();

        var report = await fixture.PullAsync();

        report.Drops[0].Partitions.Sum(p => p.Rows).ShouldBe(200_000);
        GC.GetTotalMemory(forceFullCollection: true).ShouldBeLessThan(before + (200L << 20));
    }

    private SourceFixture New(string query, string since = "") => new($"""
          - name: shop
            kind: sql
            provider: sqlite
            connection: env:{variable}
            query: {query}
            retry: {"{"} attempts: 0 {"}"}
            {since}
        """.ReplaceLineEndings("\n").Replace("\n    \n", "\n", StringComparison.Ordinal));

    private void Execute(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private long Count()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM orders";
        return (long)command.ExecuteScalar()!;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={folder["shop.db"]};Pooling=false");
        connection.Open();
        return connection;
    }
}
