using System.Text.Json;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Testing;

namespace Serverless.DuckDb.Tests.Ingest;

public sealed class IngestTests
{
    private const string Header = IngestFixture.Header;
    private const string Day1 = "2001-01-01 10:00:00,5,100,SEA,LAX\n2001-01-01 11:00:00,6,100,SEA,LAX\n";
    private const string Day2 = "2001-01-02 10:00:00,7,100,SEA,LAX\n";

    [Fact]
    public async Task Ingest_ADropOfTwoDays_StoresPartitionsWithManifestProfileAndChecks()
    {
        using var test = new IngestFixture();
        var report = await test.IngestAsync("january.csv", Header + Day1 + Day2 + "2001-01-02 10:00:00,9999,100,SEA,LAX\n");

        report.Status.ShouldBe(DropStatus.Stored);
        report.Partitions.Select(p => (p.Key, p.Rows)).ShouldBe([("2001-01-01", 2), ("2001-01-02", 1)]);
        report.Quarantined.ShouldBe(1);
        report.Version.ShouldBe(1);
        report.Failed.Select(f => (f.Check, f.Outcome, f.Message)).ShouldBe([("size", Outcome.Failed, "partition 2001-01-02")]);
        var (one, two) = (report.Partitions[0].Id, report.Partitions[1].Id);
        (await test.KeysAsync("data")).ShouldBe(new[]
        {
            "data/flights/_history/0000000001.json",
            $"data/flights/year=2001/month=01/day=01/{one}.checks.json", $"data/flights/year=2001/month=01/day=01/{one}.json",
            $"data/flights/year=2001/month=01/day=01/{one}.parquet", $"data/flights/year=2001/month=01/day=01/{one}.profile.json",
            $"data/flights/year=2001/month=01/day=02/{two}.checks.json", $"data/flights/year=2001/month=01/day=02/{two}.json",
            $"data/flights/year=2001/month=01/day=02/{two}.parquet", $"data/flights/year=2001/month=01/day=02/{two}.profile.json",
        }.Order(StringComparer.Ordinal));
        (await test.KeysAsync("quarantine")).ShouldBe([$"quarantine/flights/year=2001/month=01/day=02/{two}.parquet"]);
        (await test.KeysAsync("landing")).ShouldBe(["landing/flights/january.csv"]);
        var commit = (await test.History.CommitsAsync("flights")).ShouldHaveSingleItem();
        commit.Partitions.Select(p => p.Failed).ShouldBe([null, Severity.Error]);
        commit.By.ShouldBe("test");
        commit.Run.ShouldBe("ingest-1");
        var manifest = JsonSerializer.Deserialize<PartitionManifest>((await test.Objects.ReadTextAsync($"data/flights/year=2001/month=01/day=01/{one}.json"))!, ServerlessJson.Options)!;
        using var parquet = await test.Objects.MaterialiseAsync(commit.Partitions[0].Path);
        manifest.Sha256.ShouldBe(await PartitionStore.HashAsync(parquet.Path, CancellationToken.None));
        manifest.Drop.ShouldBe(commit.Drop);
    }

    [Theory]
    [InlineData("january.csv")]
    [InlineData("other name.csv")]
    public async Task Ingest_SameBytesAgain_StoresNothing(string again)
    {
        using var test = new IngestFixture();
        var first = await test.IngestAsync("january.csv", Header + Day1);
        var before = await test.KeysAsync("data");

        var report = await test.IngestAsync(again, Header + Day1, "ingest-2");

        report.Status.ShouldBe(DropStatus.Duplicate);
        report.Reason.ShouldBe("the same bytes are in version 1 of the dataset, written 2001-03-01 12:00:00 UTC from 'january.csv'.");
        report.Partitions.ShouldBe(first.Partitions);
        (await test.KeysAsync("data")).ShouldBe(before);
    }

    [Fact]
    public async Task Ingest_OtherBytesUnderTheSameName_SupersedeDayByDayAndTheOldStaysReadable()
    {
        using var test = new IngestFixture();
        var first = await test.IngestAsync("january.csv", Header + Day1 + Day2);
        var between = test.Time.GetUtcNow();
        test.Time.Advance(TimeSpan.FromHours(1));
        var second = await test.IngestAsync("january.csv", Header + "2001-01-01 10:00:00,50,100,SEA,LAX\n2001-01-01 10:30:00,51,100,SEA,LAX\n", "ingest-2");

        second.Status.ShouldBe(DropStatus.Stored);
        (await test.History.CommitsAsync("flights"))[1].Partitions[0].Supersedes.ShouldBe([first.Partitions[0].Id]);
        (await Delays(test, null)).ShouldBe([50, 51, 7]);
        (await Delays(test, AsOf.AtVersion(1))).ShouldBe([5, 6, 7]);
        (await Delays(test, AsOf.At(between))).ShouldBe([5, 6, 7]);
        (await Delays(test, AsOf.At(test.Time.GetUtcNow()))).ShouldBe([50, 51, 7]);
    }

    [Fact]
    public async Task Ingest_AppendUnderTheSameName_Adds()
    {
        using var test = new IngestFixture();
        await test.IngestAsync("live.csv", Header + Day1);
        await test.IngestAsync("live.csv", Header + Day1 + "2001-01-01 12:00:00,8,100,SEA,LAX\n", "ingest-2", append: true);

        (await Delays(test, null)).ShouldBe([5, 6, 5, 6, 8]);
    }

    [Fact]
    public async Task Ingest_EightWorkersTheSameDrop_StoreItOnce()
    {
        using var test = new IngestFixture();
        var states = new List<IngestState>();
        for (var i = 0; i < 8; i++) states.Add(await test.LandAsync($"copy-{i}.csv", Header + Day1 + Day2));

        var reports = await Task.WhenAll(states.Select((s, i) => Task.Run(() => test.DriveAsync(s, $"ingest-{i}"))));

        reports.Count(r => r.Status == DropStatus.Stored).ShouldBe(1);
        reports.Count(r => r.Status == DropStatus.Duplicate).ShouldBe(7);
        (await test.History.CommitsAsync("flights")).Count.ShouldBe(1);
        (await test.KeysAsync("data")).Count(k => k.EndsWith(".parquet", StringComparison.Ordinal)).ShouldBe(2);
        (await Delays(test, null)).ShouldBe([5, 6, 7]);
    }

    [Fact]
    public async Task Ingest_EveryStepRepeated_CommitsOnce()
    {
        using var test = new IngestFixture();
        var state = await test.LandAsync("january.csv", Header + Day1);
        await test.StepAsync("received", state);
        var cut = await test.StepAsync("received", state, attempt: 2);
        await test.StepAsync("partitioned", cut.State!);
        var step = await test.StepAsync("partitioned", cut.State!, attempt: 2);

        step.State!.Report!.Status.ShouldBe(DropStatus.Stored);
        step.State.Report.Version.ShouldBe(1);
        (await test.History.CommitsAsync("flights")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Ingest_KilledAfterTheFilesBeforeTheCommit_ShowsNothing()
    {
        using var test = new IngestFixture();
        await test.StepAsync("received", await test.LandAsync("january.csv", Header + Day1));

        (await test.History.PartitionsAsync("flights")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Ingest_NotTheContract_KeepsTheDropAndTheReasonInQuarantine()
    {
        using var test = new IngestFixture();
        var report = await test.IngestAsync("bad.csv", "x,y\n1,2\n");

        report.Status.ShouldBe(DropStatus.Rejected);
        report.Reason.ShouldBe("line 1 (header): columns 'date', 'origin', 'destination' are missing, which the contract requires; found: x, y.");
        (await test.KeysAsync("landing")).ShouldBeEmpty();
        (await test.KeysAsync("data")).ShouldBeEmpty();
        var kept = await test.KeysAsync("quarantine");
        kept.Count.ShouldBe(2);
        kept[0].ShouldMatch("^quarantine/flights/_rejected/[0-9a-f]{64}/bad.csv$");
        (await test.Objects.ReadTextAsync(kept[0])).ShouldBe("x,y\n1,2\n");
        JsonSerializer.Deserialize<RejectedDrop>((await test.Objects.ReadTextAsync(kept[1]))!, ServerlessJson.Options)!.Reason.ShouldBe(report.Reason);
    }

    [Fact]
    public async Task Ingest_DropThatChangesWhileItIsRead_IsReadAgainWhole()
    {
        IngestFixture? test = null;
        var changes = 0;
        using var fixture = test = new IngestFixture(wrap: real => new Meddling(real, async () =>
        {
            if (changes++ == 0) await test!.LandAsync("growing.csv", Header + Day1 + Day2);
        }));
        var state = await test.LandAsync("growing.csv", Header + Day1);

        var step = await test.StepAsync("received", state);

        step.Kind.ShouldBe(StepKind.Later);
        step.Reason.ShouldBe("the file changed while it was read; it seems to be still being written");
        (await test.KeysAsync("data")).ShouldBeEmpty();
        (await test.DriveAsync(step.State!)).Partitions.Sum(p => p.Rows).ShouldBe(3);
    }

    [Fact]
    public async Task Ingest_DropThatNeverRests_IsGivenUpAndStaysInLanding()
    {
        IngestFixture? test = null;
        using var fixture = test = new IngestFixture(wrap: real => new Meddling(real, () => test!.LandAsync("growing.csv", Header + Day1)));
        var step = await test.StepAsync("received", await test.LandAsync("growing.csv", Header + Day1), attempt: IngestRun.MostAttempts);

        step.Kind.ShouldBe(StepKind.End);
        step.State!.Report!.Reason.ShouldBe("the file changed while it was read; it seems to be still being written. It was tried 20 times and stays in landing: "
            + "write it elsewhere and move it there when it is complete.");
        (await test.KeysAsync("landing")).ShouldBe(["landing/flights/growing.csv"]);
        (await test.KeysAsync("data")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Ingest_DropThatWasRemoved_SaysSo()
    {
        using var test = new IngestFixture();
        var state = await test.LandAsync("january.csv", Header + Day1);
        await test.Objects.DeleteAsync(state.Key);

        (await test.DriveAsync(state)).Reason.ShouldBe("'landing/flights/january.csv' is no longer there: it was removed before it was read.");
    }

    [Fact]
    public async Task Ingest_EngineFails_NothingIsVisibleAndTheDropStays()
    {
        using var test = new IngestFixture(wrap: real => new Meddling(real, () => throw new Problems.EnvironmentException("the disk is full")));
        var state = await test.LandAsync("january.csv", Header + Day1);

        await Should.ThrowAsync<Problems.EnvironmentException>(() => test.StepAsync("received", state));

        (await test.KeysAsync("landing")).ShouldBe(["landing/flights/january.csv"]);
        (await test.KeysAsync("data")).ShouldBeEmpty();
    }

    [SkippableTheory]
    [InlineData("we[i]rd *name?.csv")]
    [InlineData("it's #1 & \"two\".csv")]
    [InlineData("ünïcode 雪.csv")]
    public async Task Ingest_UnusualFileNames_AreFine(string name)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows does not allow these names");
        using var test = new IngestFixture();
        (await test.IngestAsync(name, Header + Day1)).Status.ShouldBe(DropStatus.Stored);
    }

    [Fact]
    public async Task Ingest_AfterTheContractChanged_StoresTheSameBytesAnewInPlaceOfTheOld()
    {
        using var test = new IngestFixture();
        await test.IngestAsync("january.csv", Header + Day1);
        var commit = (await test.History.CommitsAsync("flights"))[0];
        var cut = new CutDrop { Drop = commit.Drop, File = "january.csv", Bytes = 1, ContractVersion = "another", Quarantined = 0, Failed = [], Partitions = [commit.Partitions[0] with { Id = "new" }] };

        var next = DropCommit.Build(cut, [commit], 2, EngineFixture.Flights, await test.LandAsync("x", ""), "run", test.Time.GetUtcNow());

        next!.Partitions[0].Supersedes.ShouldBe([commit.Partitions[0].Id]);
    }

    private static async Task<long[]> Delays(IngestFixture test, AsOf? asOf)
    {
        var reader = test.Get<IPartitionReader>();
        var selection = await reader.SelectAsync("flights", new PartitionQuery { AsOf = asOf });
        var table = await reader.ReadAsync("flights", selection.Partitions, [EngineFixture.Flights.Column("delay")]);
        return ((IntegerColumn)table["delay"]).Values;
    }

    /// <summary>Does something while a drop is being read.</summary>
    private sealed class Meddling(IDataEngine real, Func<Task> meanwhile) : IDataEngine
    {
        public async Task<PartitionedDrop> PartitionAsync(string path, string fileName, DatasetDefinition dataset, DateTimeOffset arrived, string folder,
            IProgress<double>? progress = null, CancellationToken cancel = default)
        {
            await meanwhile();
            return await real.PartitionAsync(path, fileName, dataset, arrived, folder, progress, cancel);
        }

        public Task<Inspection> InspectAsync(IReadOnlyList<string> parquetPaths, DatasetDefinition dataset, CancellationToken cancel = default) => real.InspectAsync(parquetPaths, dataset, cancel);

        public Task<long> RowsAsync(IReadOnlyList<string> parquetPaths, CancellationToken cancel = default) => real.RowsAsync(parquetPaths, cancel);

        public Task<Profiles.Profile> ProfileAsync(string path, string fileName, CancellationToken cancel = default) => real.ProfileAsync(path, fileName, cancel);

        public Task<Table> ReadAsync(IReadOnlyList<string> parquetPaths, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel = default) => real.ReadAsync(parquetPaths, columns, cancel);

        public Task<Table> ReadFileAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, CancellationToken cancel = default) => real.ReadFileAsync(path, fileName, columns, cancel);

        public Task<Table> ReadDetectedAsync(string path, string fileName, CancellationToken cancel = default) => real.ReadDetectedAsync(path, fileName, cancel);

        public Task WriteAsync(string path, Table table, CancellationToken cancel = default) => real.WriteAsync(path, table, cancel);
    }
}
