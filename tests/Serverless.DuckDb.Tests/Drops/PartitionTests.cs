using Serverless.Checks;
using Serverless.Datasets;

namespace Serverless.DuckDb.Tests.Drops;

public sealed class PartitionTests : IDisposable
{
    private const string Header = "date,delay,distance,origin,destination\n";
    private readonly EngineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    // More texts, and longer ones, than are collected: then every row is tried, and the one that breaks the pattern is found all the same.
    [Theory, InlineData(25_000, 3), InlineData(60, 100_000)]
    public async Task Partition_ManyOrLongDifferentTexts_FindsTheOneThatBreaksThePattern(int rows, int length)
    {
        var contract = EngineFixture.Flights with
        {
            Columns = [EngineFixture.Flights.Columns[0], new() { Name = "code", Type = ColumnType.String, Required = true, Pattern = "^[a-z0-9]+$" }], Checks = [],
        };
        var lines = Enumerable.Range(0, rows).Select(i => $"2001-01-01,{new string('x', length)}{i}").Append("2001-01-01,NOT");
        var drop = await fixture.PartitionAsync("many.csv", "date,code\n" + string.Join('\n', lines) + "\n", contract);
        drop.Rejected.ShouldBeNull();
        drop.Partitions.ShouldHaveSingleItem().Rows.ShouldBe(rows);
        drop.Quarantined.ShouldBe(1);
    }

    [Fact]
    public async Task Partition_TwoDays_GivesAFileForEachWithTypedRows()
    {
        var drop = await fixture.PartitionAsync("a.csv", Header + "2001-01-01 10:00:00,5,100,SEA,LAX\n2001-01-02T11:00:00+01:00,,200,LAX,SEA\n2001-01-02 12:00:00,7,300,LAX,SEA\n");

        drop.Rejected.ShouldBeNull();
        drop.Rows.ShouldBe(3);
        drop.Partitions.Select(p => (p.Key, p.Rows)).ShouldBe([("2001-01-01", 1), ("2001-01-02", 2)]);
        EngineFixture.Rows(drop.Partitions[1].Path!).ShouldBe(["2001-01-02 10:00:00||200|LAX|SEA", "2001-01-02 12:00:00|7|300|LAX|SEA"]);
        var profile = drop.Partitions[1].Inspection!.Profile;
        profile.Rows.ShouldBe(2);
        profile.Columns[1].Nulls.ShouldBe(1);
        profile.Columns[2].Mean.ShouldBe(250);
        profile.Columns[3].Top!.ShouldBe([new("LAX", 2)]);
        drop.Partitions[1].Inspection!.Checks.Select(c => (c.Check, c.Outcome, c.Value, c.Expectation))
            .ShouldBe([("size", Outcome.Passed, 2, "size >= 2"), ("completeness", Outcome.Failed, 0.5, "completeness >= 0.95")]);
    }

    [Fact]
    public async Task Partition_BadRows_GoToQuarantineWithCheckAndRow()
    {
        var drop = await fixture.PartitionAsync("a.csv", Header
            + "2001-01-01 10:00:00,5,100,SEA,LAX\n"
            + "2001-01-01 10:00:00,9999,100,SEA,LAX\n"
            + "yesterday,5,100,SEA,LAX\n"
            + "2001-01-01,5,100,SEA\n"
            + "2001-01-01,1.5,100,SEA,LAX\n"
            + "2001-01-01,5,0,SEA,LAX\n"
            + "2001-01-01,5,1,,LAX\n"
            + "2001-01-02,5,1,SEA,Lax\n"
            + "2001-01-01,1_000,1,SEA,LAX\n"
            + "2001-01-01,6.0,1,SEA,LAX\n");

        drop.Rejected.ShouldBeNull();
        drop.Rows.ShouldBe(10);
        drop.Quarantined.ShouldBe(8);
        drop.Partitions.Select(p => (p.Key, p.Rows, p.Quarantined)).ShouldBe([("2001-01-01", 2, 5), ("2001-01-02", 0, 1), ("unknown", 0, 2)]);
        EngineFixture.Rows(drop.Partitions[0].QuarantinePath!).ShouldBe(
        [
            "2001-01-01 10:00:00|9999|100|SEA|LAX|max:delay|2|", "2001-01-01|1.5|100|SEA|LAX|type:delay|5|", "2001-01-01|5|0|SEA|LAX|min:distance|6|",
            "2001-01-01|5|1||LAX|required:origin|7|", "2001-01-01|1_000|1|SEA|LAX|type:delay|9|",
        ]);
        EngineFixture.Rows(drop.Partitions[1].QuarantinePath!).ShouldBe(["2001-01-02|5|1|SEA|Lax|pattern:destination|8|"]);
        EngineFixture.Rows(drop.Partitions[2].QuarantinePath!).ShouldBe(["yesterday|5|100|SEA|LAX|type:date|3|", "|||||columns|4|2001-01-01,5,100,SEA"]);
    }
}
