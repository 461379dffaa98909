using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Testing;

namespace Serverless.DuckDb.Tests.Ingest;

public sealed class InspectorTests
{
    private const string Rows = IngestFixture.Header + "2001-01-01,1,10,SEA,LAX\n2001-01-01,3,10,SEA,LAX\n2001-01-02,5,10,SEA,LAX\n2001-01-02,9999,10,SEA,LAX\n";

    [Fact]
    public async Task CheckFile_OfAnUnstoredFile_AnswersForAllItsRowsAndStoresNothing()
    {
        using var test = new IngestFixture();
        var path = Path.Combine(Directory.CreateTempSubdirectory("inspector-").FullName, "a.csv");
        await File.WriteAllTextAsync(path, Rows);

        var check = await test.Get<IDatasetInspector>().CheckFileAsync("flights", path);

        // All rows together are enough, but the second day is too small, and it is days that are trained on.
        (check.Status, check.Rows, check.Quarantined, check.Scans).ShouldBe((CheckStatus.Failed, 3, 1, 1));
        check.Partitions.Select(p => (p.Key, p.Checks[0].Outcome, p.Checks[0].Value)).ShouldBe([("2001-01-01", Outcome.Passed, 2.0), ("2001-01-02", Outcome.Failed, 1.0)]);
        check.Checks[0].Message.ShouldBe("judged for each partition: 1 of 2 passed");
        check.Checks.Select(c => c.Value).ShouldBe([3, 1]);
        (await test.KeysAsync("data")).ShouldBeEmpty();
        (await test.KeysAsync("quarantine")).ShouldBeEmpty();
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public async Task Check_OfADay_TakesItsPartitionsOnly()
    {
        using var test = new IngestFixture();
        await test.IngestAsync("a.csv", Rows);
        var inspector = test.Get<IDatasetInspector>();

        var all = await inspector.CheckAsync("flights");
        (all.Status, all.Scans, all.Reread.Count).ShouldBe((CheckStatus.Failed, 0, 0));
        all.Checks.Select(c => (c.Value, c.Outcome)).ShouldBe([(3, Outcome.Failed), (1, Outcome.Passed)]);
        var day = await inspector.CheckAsync("flights", "2001-01-02");
        (day.Status, day.Rows, day.Checks[0].Outcome).ShouldBe((CheckStatus.Failed, 1, Outcome.Failed));
        (await inspector.ProfileAsync("flights", "2001-01-01")).Columns[1].Mean.ShouldBe(2);
    }

    [Fact]
    public async Task Check_OfADay_CountsItsQuarantinedRowsOnly()
    {
        using var test = new IngestFixture();
        await test.IngestAsync("a.csv", IngestFixture.Header
            + "2001-01-01 10:00:00,1,100,SEA,LAX\n2001-01-01 11:00:00,late,100,SEA,LAX\n2001-01-02 10:00:00,2,100,SEA,LAX\n2001-01-02 11:00:00,3,0,SEA,LAX\n2001-01-02 12:00:00,3,0,SEA,LAX\nno date,1,100,SEA,LAX\n");
        var inspector = test.Get<IDatasetInspector>();

        (await inspector.CheckAsync("flights")).Quarantined.ShouldBe(4);
        (await inspector.CheckAsync("flights", "2001-01-01")).Quarantined.ShouldBe(1);
        (await inspector.CheckAsync("flights", "2001-01-02")).Quarantined.ShouldBe(2);
    }

    [Fact]
    public async Task Check_OfADatasetWithQuarantine_CountsItsRowsWithoutReadingThem()
    {
        using var test = new IngestFixture();
        await test.IngestAsync("a.csv", IngestFixture.Header + string.Concat(Enumerable.Repeat("2001-01-01 10:00:00,1,100,SEA,LAX\n2001-01-01 10:00:00,1,100,SEA,LAX\n2001-01-01 11:00:00,late,100,SEA,LAX\n", 100)) + "2001-01-02 11:00:00,late,100,SEA,LAX\n");
        foreach (var key in await test.Objects.KeysAsync("quarantine"))
        {
            using var file = await test.Objects.MaterialiseAsync(key);
            var bytes = await File.ReadAllBytesAsync(file.Path);
            // What stands between the magic word and the footer is the rows; who reads them finds noise.
            var footer = BitConverter.ToInt32(bytes, bytes.Length - 8);
            bytes.AsSpan(4, bytes.Length - footer - 12).Fill(0xFF);
            await test.Objects.PutAsync(key, new MemoryStream(bytes));
        }

        (await test.Get<IDatasetInspector>().CheckAsync("flights")).Quarantined.ShouldBe(101);
    }

    [Theory]
    [InlineData("{\"schemaVersion\":9}", "has schemaVersion 9; this program knows up to 1. A newer program wrote it: update this one.")]
    [InlineData("{\"schemaVersion\":\"x\"}", "is damaged: it was changed since it was written. Its partition is whole; remove the file, and the rows are read instead.")]
    [InlineData("{\"schemaVersion\":1,\"states\":[{\"key\":\"k\",\"state\":{\"state\":\"new-kind\"}}]}", "is damaged")]
    [InlineData("{\"schemaVersion\":1,\"id\":\"x\",\"che", "is damaged")]
    public async Task Check_StoredResultsNewerOrDamaged_SaysSoAndReadsTheRowsOnceTheyAreGone(string content, string because)
    {
        using var test = new IngestFixture();
        await test.IngestAsync("a.csv", Rows);
        var inspector = test.Get<IDatasetInspector>();
        var before = await inspector.CheckAsync("flights");
        var partition = (await test.History.PartitionsAsync("flights"))[0];
        var key = Path.ChangeExtension(partition.Entry.Path, ".checks.json");
        await test.Objects.PutAsync(key, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content)));

        (await Should.ThrowAsync<Problems.DataException>(() => inspector.CheckAsync("flights"))).Message.ShouldContain($"'{key}' {because}");

        await test.Objects.DeleteAsync(key);
        var again = await inspector.CheckAsync("flights");
        again.Checks.Select(c => (c.Check, c.Value, c.Outcome)).ShouldBe(before.Checks.Select(c => (c.Check, c.Value, c.Outcome)));
        (before.Scans, again.Scans).ShouldBe((0, 1));
    }

    [Fact]
    public async Task Check_OfSeveralPartitions_EqualsTheCheckOfAllRowsAndSaysWhatItReadAgain()
    {
        using var test = new IngestFixture(EngineFixture.Flights with { Checks = EveryKind });
        await test.IngestAsync("a.csv", IngestFixture.Header + string.Concat(Enumerable.Range(0, 300).Select(i => FormattableString.Invariant(
            $"2001-01-0{1 + (i % 3)} 0{i % 10}:00:00,{(i % 7 == 0 ? "" : i % 50)},{10 + (i * 7 % 90)},{(i % 4 == 0 ? "SEA" : "SFO")},{(i % 3 == 0 ? "LAX" : "JFK")}\n"))));
        var partitions = await test.History.PartitionsAsync("flights");
        var together = await test.Get<IDataEngine>().InspectAsync([.. await test.FilesAsync(partitions)], EngineFixture.Flights with { Checks = EveryKind });

        var merged = await test.Get<IDatasetInspector>().CheckAsync("flights");

        foreach (var (a, b) in merged.Checks.Zip(together.Checks)) (a.Value ?? double.NaN).ShouldBe(b.Value ?? double.NaN, 1e-9 * Math.Max(1, Math.Abs(b.Value ?? 0)), a.Metric);
        merged.Reread.ShouldBe(["quantile(delay, 0.5)", "sql"]);
    }

    private static CheckDefinition[] EveryKind { get; } =
    [
        Of("size", null), Of("completeness", "delay"), Of("uniqueness", "delay"), Of("distinctness", "origin"), Of("primary-key", null, ("columns", "date,delay,distance")), Of("entropy", "origin"),
        Of("histogram-bins", "delay"), Of("histogram-top-share", "delay"), Of("count-distinct", "distance"), Of("mutual-information", null, ("columns", "origin,destination")),
        Of("correlation", null, ("columns", "delay,distance")), Of("min", "delay"), Of("max", "delay"), Of("mean", "delay"), Of("sum", "delay"), Of("stddev", "delay"),
        Of("approx-quantile", "distance", ("probability", "0.5")), Of("approx-distinct", "distance"), Of("min-length", "origin"), Of("pattern", "origin", ("pattern", "^S")),
        Of("data-type", "origin", ("type", "text")), Of("containment", "origin", ("values", "SEA")), Of("non-negative", "delay"), Of("positive", "delay"),
        Of("comparison", null, ("columns", "delay,distance"), ("operator", "<")), Of("compliance", null, ("condition", "delay > 10")), Of("entropy", "origin") with { Where = "delay > 10" },
        Of("approx-distinct", "distance") with { Where = "delay > 10" }, Of("quantile", "delay", ("probability", "0.5")), Of("sql", null, ("query", "SELECT count(*) FROM data WHERE delay > 10")),
    ];

    private static CheckDefinition Of(string name, string? column, params (string Key, string Value)[] parameters) => new()
    {
        Check = name, Column = column,
        Parameters = parameters.ToDictionary(p => p.Key, p => new Parameter(p.Key == "columns" ? p.Value.Split(',') : [p.Value], p.Key == "columns", 1, 1))
            .Concat([KeyValuePair.Create("min", new Parameter(["0"], false, 1, 1))]).ToDictionary(),
    };

    [Fact]
    public async Task Check_OfNoPartition_SaysWhatThereIs()
    {
        using var test = new IngestFixture();
        var inspector = test.Get<IDatasetInspector>();
        (await Should.ThrowAsync<DataException>(() => inspector.CheckAsync("flights"))).Message
            .ShouldBe("dataset 'flights' has no partitions yet: ingest a drop first (serverless-ml ingest flights FILE).");
        await test.IngestAsync("a.csv", Rows);
        (await Should.ThrowAsync<DataException>(() => inspector.CheckAsync("flights", "1999"))).Message
            .ShouldBe("dataset 'flights' has no partition '1999'; it has 2 from 2001-01-01 to 2001-01-02.");
    }

    [Fact]
    public async Task Select_StopsAtFailedChecksAndKeepsToThePeriod()
    {
        using var test = new IngestFixture();
        await test.IngestAsync("a.csv", Rows);
        var reader = test.Get<IPartitionReader>();

        var all = await reader.SelectAsync("flights", new PartitionQuery { StopAt = Datasets.Severity.Error });
        (all.Partitions.Select(p => p.Key).Single(), all.Stopped.Select(p => p.Key).Single()).ShouldBe(("2001-01-01", "2001-01-02"));
        var late = await reader.SelectAsync("flights", new PartitionQuery { From = new DateTimeOffset(2001, 1, 2, 0, 0, 0, TimeSpan.Zero) });
        late.Partitions.Select(p => p.Key).ShouldBe(["2001-01-02"]);
        (await reader.SelectAsync("flights", new PartitionQuery { To = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero) })).Partitions.ShouldBeEmpty();
    }
}
