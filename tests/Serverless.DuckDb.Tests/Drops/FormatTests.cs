using System.Security.Cryptography;
using Serverless.Datasets;

namespace Serverless.DuckDb.Tests.Drops;

/// <summary>The same rows in every form that a drop may have, and the ways of cutting them.</summary>
public sealed class FormatTests : IDisposable
{
    private const string Header = "date,delay,distance,origin,destination\n";
    private readonly EngineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData("a.csv", Header + "2001-01-01 10:00:00,5,100,SEA,LAX\n2001-01-01,,,LAX,SEA\n")]
    [InlineData("a.csv", "\uFEFFdate,delay,distance,origin,destination\r\n2001-01-01T10:00:00Z,5,100,SEA,LAX\r\n2001-01-01,,,LAX,SEA")]
    [InlineData("a.csv", "extra,destination,origin,distance,delay,date\nx,LAX,SEA,100,5,2001-01-01 12:00:00+02\n\"a, \"\"b\"\"\nc\",SEA,LAX,,,2001-01-01\n")]
    [InlineData("a.tsv", "date\tdelay\tdistance\torigin\tdestination\n2001-01-01 10:00:00\t5\t100\tSEA\tLAX\n2001-01-01\t\t\tLAX\tSEA\n")]
    [InlineData("a.jsonl", "{\"date\":\"2001-01-01T10:00:00\",\"delay\":5,\"distance\":100.0,\"origin\":\"SEA\",\"destination\":\"LAX\",\"extra\":{}}\n{\"date\":\"2001-01-01\",\"delay\":null,\"origin\":\"LAX\",\"destination\":\"SEA\"}\n")]
    [InlineData("a.ndjson", "{\"date\":\"2001-01-01T10:00:00\",\"delay\":\"5\",\"distance\":100,\"origin\":\"SEA\",\"destination\":\"LAX\"}\n\n{\"date\":\"2001-01-01\",\"origin\":\"LAX\",\"destination\":\"SEA\",\"delay\":\"\"}")]
    public async Task Partition_AnyForm_GivesTheSameRows(string name, string text)
    {
        string[] expected = ["2001-01-01 10:00:00|5|100|SEA|LAX", "2001-01-01 00:00:00|||LAX|SEA"];
        foreach (var path in new[] { fixture.Write(name, text), fixture.WriteGzip(name + ".gz", text) })
        {
            var drop = await fixture.PartitionAsync(path);
            drop.Rejected.ShouldBeNull();
            EngineFixture.Rows(drop.Partitions.ShouldHaveSingleItem().Path!).ShouldBe(expected);
        }
    }

    [Fact]
    public async Task Partition_Parquet_CastsTypesThatFit()
    {
        var path = Path.Combine(fixture.Folder, "a.parquet");
        using (var session = Sessions.Session.Open())
        {
            session.Execute($"COPY (SELECT DATE '2001-01-01' AS date, 5::DOUBLE AS delay, 100::SMALLINT AS distance, 'SEA' AS origin, 'LAX' AS destination "
                + $"UNION ALL SELECT DATE '2001-01-01', 5.5, NULL, 'SEA', 'LAX') TO '{path}'");
        }

        var drop = await fixture.PartitionAsync(path);

        EngineFixture.Rows(drop.Partitions[0].Path!).ShouldBe(["2001-01-01 00:00:00|5|100|SEA|LAX"]);
        EngineFixture.Rows(drop.Partitions[0].QuarantinePath!).ShouldBe(["2001-01-01|5.5||SEA|LAX|type:delay|2|"]);
    }

    [Fact]
    public async Task Partition_BrokenJsonLine_GoesToQuarantineAsItIs()
    {
        const string good = "{\"date\":\"2001-01-01\",\"origin\":\"SEA\",\"destination\":\"LAX\"}\n";
        var drop = await fixture.PartitionAsync("a.jsonl", good + "{\"date\":\"2001-01-01\",\n" + "[1]\n" + good);

        drop.Partitions.Select(p => (p.Key, p.Rows, p.Quarantined)).ShouldBe([("2001-01-01", 2, 0), ("unknown", 0, 2)]);
        EngineFixture.Rows(drop.Partitions[1].QuarantinePath!).ShouldBe(["|||||json|2|{\"date\":\"2001-01-01\",", "|||||json|3|[1]"]);
    }

    [Fact]
    public async Task Partition_FiniteValuesAndFormats_AreStrict()
    {
        var dataset = EngineFixture.Flights with
        {
            Partition = new PartitionScheme(null, PartitionGrain.Day),
            Columns =
            [
                new() { Name = "when", Type = ColumnType.Timestamp, Format = "%d/%m/%Y" }, new() { Name = "x", Type = ColumnType.Number },
                new() { Name = "b", Type = ColumnType.Boolean }, new() { Name = "kind", Type = ColumnType.String, Values = ["sun", "rain"] },
            ],
            Checks = [],
        };
        var drop = await fixture.PartitionAsync("a.csv", "when,x,b,kind\n05/01/2001,1.5e3,true,sun\n2001-01-05,1,true,sun\n05/01/2001,NaN,true,sun\n05/01/2001,inf,true,sun\n"
            + "05/01/2001,1,maybe,sun\n05/01/2001,1,false,snow\n05/01/2001,\"1,5\",true,sun\n", dataset);

        drop.Partitions.ShouldHaveSingleItem().Key.ShouldBe("2001-02-03"); // the day it arrived
        EngineFixture.Rows(drop.Partitions[0].Path!).ShouldBe(["2001-01-05 00:00:00|1500|True|sun"]);
        EngineFixture.Rows(drop.Partitions[0].QuarantinePath!).Select(r => r.Split('|')[4]).ShouldBe(["type:when", "finite:x", "finite:x", "type:b", "values:kind", "type:x"]);
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("99999999999999999999")]
    [InlineData("0x10")]
    [InlineData("ten")]
    [InlineData("1.5")]
    [InlineData("true")]
    public async Task Partition_NoInteger_IsATypeFault(string value)
    {
        var drop = await fixture.PartitionAsync("a.csv", Header + $"2001-01-01,{value},1,SEA,LAX\n2001-01-01,1,1,SEA,LAX\n");
        EngineFixture.Rows(drop.Partitions[0].QuarantinePath!).ShouldBe([$"2001-01-01|{value}|1|SEA|LAX|type:delay|1|"]);
    }

    [Theory]
    [InlineData("0000-12-31")]
    [InlineData("infinity")]
    [InlineData("epoch")]
    [InlineData("2001-02-30")]
    [InlineData("99999-01-01")]
    public async Task Partition_NoTime_IsATypeFaultOfAnUnknownPeriod(string value)
    {
        var drop = await fixture.PartitionAsync("a.csv", Header + $"{value},1,1,SEA,LAX\n9999-12-31T23:59:59Z,1,1,SEA,LAX\n");
        drop.Partitions.Select(p => p.Key).ShouldBe(["9999-12-31", "unknown"]);
        EngineFixture.Rows(drop.Partitions[1].QuarantinePath!).ShouldBe([$"{value}|1|1|SEA|LAX|type:date|1|"]);
    }

    [Theory]
    [InlineData(PartitionGrain.Hour, "2001-01-01T10", "2001-01-01T11", "2001-02-01T00")]
    [InlineData(PartitionGrain.Day, "2001-01-01", "2001-02-01")]
    [InlineData(PartitionGrain.Month, "2001-01", "2001-02")]
    public async Task Partition_ByGrain_CutsUnorderedRowsAndKeepsTheirOrderWithin(PartitionGrain grain, params string[] keys)
    {
        var dataset = EngineFixture.Flights with { Partition = new PartitionScheme("date", grain) };
        var drop = await fixture.PartitionAsync("a.csv", Header + "2001-02-01,1,1,SEA,LAX\n2001-01-01 11:00:00,2,1,SEA,LAX\n2001-01-01 10:00:00,3,1,SEA,LAX\n2001-02-01,4,1,SEA,LAX\n"
            + "2001-01-01 10:00:00,5,x,SEA,LAX\n", dataset);

        drop.Partitions.Select(p => p.Key).ShouldBe(keys);
        EngineFixture.Rows(drop.Partitions[^1].Path!).Select(r => r.Split('|')[1]).ShouldBe(["1", "4"]);
        EngineFixture.Rows(drop.Partitions[0].QuarantinePath!)[0].ShouldEndWith("type:distance|5|");
    }

    [Theory, InlineData(PartitionGrain.Day), InlineData(PartitionGrain.Month)]
    public async Task Partition_TheSameDropTwice_GivesTheSameBytes(PartitionGrain grain)
    {
        var random = new Random(11);
        var rows = string.Concat(Enumerable.Range(0, 300_000).Select(i =>
            $"2001-01-{1 + (i % 3):00} {random.Next(24):00}:{random.Next(60):00}:00,{random.Next(-60, 60)},{random.Next(1, 3000)},{"ABC"[random.Next(3)]}EA,LAX\n"));
        var path = fixture.Write("big.csv", Header + rows);
        var dataset = EngineFixture.Flights with { Partition = new PartitionScheme("date", grain) };

        var hashes = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            var drop = await fixture.PartitionAsync(path, dataset, $"out{round}");
            drop.Partitions.Sum(p => p.Rows).ShouldBe(300_000);
            hashes.Add(string.Join(",", drop.Partitions.Select(p => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(p.Path!))))));
            System.Text.Json.JsonSerializer.Serialize(drop.Partitions.Select(p => p.Inspection!.Profile)).ShouldNotBeEmpty();
        }

        hashes.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Partition_ManyDifferentValues_AreEstimated()
    {
        var rows = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"2001-01-01,1,{i + 1},SEA,LAX\n"));
        var profile = (await fixture.PartitionAsync("big.csv", Header + rows)).Partitions[0].Inspection!.Profile.Columns[2];

        ((double)profile.Distinct).ShouldBe(60_000, 6_000);
        (profile.Min, profile.Max, profile.Mean, profile.Top).ShouldBe((1L, 60_000L, 30_000.5, null));
        profile.Quantiles!["0.5"].ShouldBe(30_000.5);
    }

    [Fact]
    public async Task Profile_OfAnyFile_DetectsTypes()
    {
        var path = fixture.Write("a.csv", "i,n,t,s,b\n1,1.5,2001-01-01,x,true\n2,,2001-01-02,y,false\n");
        var profile = await fixture.Engine.ProfileAsync(path, "a.csv");

        profile.Rows.ShouldBe(2);
        profile.Columns.Select(c => (c.Name, c.Type, c.Nulls)).ShouldBe([("i", "integer", 0), ("n", "number", 1), ("t", "timestamp", 0), ("s", "string", 0), ("b", "boolean", 0)]);
        profile.Columns[2].Max.ShouldBe("2001-01-02T00:00:00Z");
    }
}
