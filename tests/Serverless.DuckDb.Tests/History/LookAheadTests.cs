namespace Serverless.DuckDb.Tests.History;

/// <summary>SQL of views that knows what comes later, and SQL that does not.</summary>
public sealed class LookAheadTests : IDisposable
{
    private readonly HistoryFixture history = new();

    [Theory]
    [InlineData("SELECT airport, date_trunc('minute', \"at\") AS \"at\", avg(value) AS value FROM data GROUP BY ALL")]
    [InlineData("SELECT airport, \"at\", avg(value) OVER (PARTITION BY airport) AS value FROM data")]
    [InlineData("SELECT airport, \"at\", lead(value) OVER (PARTITION BY airport ORDER BY \"at\") AS value FROM data")]
    [InlineData("SELECT airport, \"at\" - INTERVAL 1 SECOND AS \"at\", value FROM data")]
    [InlineData("SELECT airport, \"at\", value - (SELECT avg(value) FROM data) AS value FROM data")]
    [InlineData("SELECT airport, \"at\", value FROM data QUALIFY row_number() OVER (PARTITION BY airport ORDER BY \"at\" DESC) = 1")]
    public async Task LooksAhead_RowsOfLaterTimesGoIn_SaysWhere(string sql)
    {
        var found = await new DuckDb.History.PointInTimeJoin().LooksAheadAsync(await history.SourceAsync(Events(), HistoryFixture.View(sql: sql)));
        found.ShouldNotBeNull();
        found.ShouldStartWith("for airport ");
        found.ShouldContain("as 'value', and ");
    }

    [Theory]
    [InlineData("SELECT airport, \"at\", value FROM data", false)]
    [InlineData("SELECT airport, \"at\", avg(value) OVER (PARTITION BY airport ORDER BY \"at\" RANGE BETWEEN INTERVAL 5 SECONDS PRECEDING AND CURRENT ROW) AS value FROM data", false)]
    [InlineData("SELECT airport, \"at\", lag(value) OVER (PARTITION BY airport ORDER BY \"at\") AS value FROM (SELECT airport, \"at\", avg(value) AS value FROM data GROUP BY ALL)", false)]
    [InlineData("SELECT airport, date_trunc('minute', \"at\") + INTERVAL 1 MINUTE AS \"at\", avg(value) AS value FROM data GROUP BY ALL", false)]
    [InlineData("SELECT airport, date_trunc('minute', \"at\") AS \"at\", date_trunc('minute', \"at\") + INTERVAL 1 MINUTE AS known, avg(value) AS value FROM data GROUP BY ALL", true)]
    [InlineData("SELECT DISTINCT airport, \"at\", 0.1 + value AS value FROM data WHERE value > 2", false)]
    public async Task LooksAhead_EachRowIsMadeOfWhatWasThere_FindsNothing(string sql, bool created) =>
        (await new DuckDb.History.PointInTimeJoin().LooksAheadAsync(await history.SourceAsync(Events(), HistoryFixture.View(created: created, sql: sql)))).ShouldBeNull();

    [Fact]
    public async Task LooksAhead_NoRowsOrOneTime_FindsNothing()
    {
        foreach (var events in new Event[][] { [], [new("A", 1, null, 2), new("B", 1, null, 3)] })
        {
            (await new DuckDb.History.PointInTimeJoin().LooksAheadAsync(await history.SourceAsync(events, HistoryFixture.View()))).ShouldBeNull();
        }
    }

    private static List<Event> Events()
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, 600).Select(_ => new Event(random.Next(15) == 0 ? null : ((char)('A' + random.Next(4))).ToString(), random.Next(1, 400), null, random.Next(9) == 0 ? null : random.Next(100) / 7.0))];
    }

    public void Dispose() => history.Dispose();
}
