using Serverless.Checks;
using Serverless.Partitions;
using Serverless.Problems;

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

        (check.Status, check.Rows, check.Quarantined).ShouldBe((CheckStatus.Passed, 3, 1));
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

        (await inspector.CheckAsync("flights")).Status.ShouldBe(CheckStatus.Passed);
        var day = await inspector.CheckAsync("flights", "2001-01-02");
        (day.Status, day.Rows, day.Checks[0].Outcome).ShouldBe((CheckStatus.Failed, 1, Outcome.Failed));
        (await inspector.ProfileAsync("flights", "2001-01-01")).Columns[1].Mean.ShouldBe(2);
    }

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
