namespace Serverless.Sources.Tests.Sql;

public sealed class PostgresTests
{
    private const string Contract = """
        dataset: orders
        partition: { column: at, grain: day }
        columns:
          id: { type: integer, required: true }
          at: { type: timestamp, required: true }
          amount: number
          paid: boolean
          note: string
        """;

    [SkippableFact]
    public async Task Pull_FromARealServer_TypesWatermarkAndReadOnly()
    {
        Skip.If(PostgresServer.Missing is not null, PostgresServer.Missing);
        await using var server = await PostgresServer.StartAsync();
        await server.ExecuteAsync("CREATE TABLE orders (id bigint, at timestamptz, amount numeric(12, 2), paid boolean, note text, tags text[])");
        await server.ExecuteAsync("""INSERT INTO orders VALUES (1, '2026-03-01 10:00:00.123456+02', 12.50, true, E'a "b"\nc', '{x,y}'), (9007199254740993, '2026-03-02 10:00:00Z', NULL, NULL, NULL, NULL)""");
        Environment.SetEnvironmentVariable("POSTGRES_SOURCE_TEST", server.ConnectionString);
        using var fixture = new SourceFixture(Source("SELECT id, at, amount, paid, note FROM orders WHERE at > @since", "{ column: at, first: \"2026-01-01\" }"), contract: Contract);

        var report = await fixture.PullAsync();

        (report.Status, report.Reason, report.Until).ShouldBe((PullStatus.Stored, null, "2026-03-02T10:00:00.000000Z"));
        (await fixture.RowsAsync()).ShouldBe(["1", "9007199254740993"]);
        (await fixture.RowsAsync("note")).ShouldBe(["", "a \"b\"\nc"]);
        (await fixture.RowsAsync("amount"))[0].ShouldBe("12.5");
        (await fixture.CommitsAsync())[0].Quarantined.ShouldBe(0);

        await server.ExecuteAsync("INSERT INTO orders VALUES (3, '2026-03-02 10:00:00.000001Z', 1, false, 'later', NULL)");
        (await fixture.PullAsync()).Until.ShouldBe("2026-03-02T10:00:00.000001Z");
        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.NothingNew);
        (await fixture.RowsAsync()).Length.ShouldBe(3);

        // A function that writes looks like a query; the transaction refuses it.
        await server.ExecuteAsync("CREATE FUNCTION burn() RETURNS bigint LANGUAGE sql AS 'DELETE FROM orders RETURNING id'");
        using var writes = new SourceFixture(Source("SELECT burn() AS id, now() AS at", null), contract: Contract);
        (await writes.PullAsync()).Reason!.ShouldContain("cannot execute DELETE in a read-only transaction");
        (await server.ExecuteAsync("SELECT count(*) FROM orders")).ShouldBe(3L);
        await writes.NothingStoredAsync();
    }

    private static string Source(string query, string? since) =>
        $"  - name: shop\n    kind: sql\n    provider: postgres\n    connection: env:POSTGRES_SOURCE_TEST\n    query: {query}\n    retry: {{ attempts: 1, first: 1s, longest: 1s }}" + (since is null ? "" : $"\n    since: {since}");
}
