using System.Text;
using System.Text.Json;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Erasure;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Tests.Rows;

/// <summary>However the drops, corrections and erasures of a day follow each other or overlap, what the history says of the day in the end is what its checks say of all its rows.</summary>
public sealed class ADayIsJudgedAsAWhole : IDisposable
{
    private const string Sancho = "2024-04-01 10:00:00,8,Sancho,20\n";
    private const string SanchoAgain = "2024-04-01 11:00:00,7,Sancho,30\n";
    private const string Alonso = "2024-04-01 12:00:00,9,Alonso,40\n";

    private readonly OrdersFixture orders = new();

    public ADayIsJudgedAsAWhole() => orders.Mend(OrdersFixture.Contract + "\nchecks:\n  - { check: uniqueness, column: name, min: 1, severity: error }\n");

    public void Dispose() => orders.Dispose();

    [Fact]
    public async Task Ingest_TwoDropsOfADayJudgedBeforeEitherIsStored_TheSecondCommitJudgesBoth()
    {
        var (a, b) = (await JudgedAsync("a.csv", Sancho), await JudgedAsync("b.csv", SanchoAgain));

        var first = await CommitAsync(a);
        var second = await CommitAsync(b);

        first.Report!.Failed.ShouldBeEmpty();
        second.Report!.Failed.Single().ShouldSatisfyAllConditions(f => f.Check.ShouldBe("uniqueness"), f => f.Value.ShouldBe(0), f => f.Message.ShouldBe("partition 2024-04-01"));
        var partitions = await orders.History.PartitionsAsync("orders");
        partitions.Select(p => p.Entry.Failed).ShouldBe([Severity.Error, Severity.Error]);
        partitions[1].Entry.Together.ShouldBeTrue();
        (await orders.History.PartitionsAsync("orders", AsOf.AtVersion(1))).Single().Entry.Failed.ShouldBeNull("as of then there was one row");
        (await Should.ThrowAsync<DataException>(() => new PartitionVerdicts(orders.Objects).RequireAsync(partitions, default))).Message
            .ShouldContain($"partition 2024-04-01 ({partitions[0].Id}): uniqueness of 'name' is 0, expected");
        await AgreesWithCheckAsync();
    }

    [Fact]
    public async Task Ingest_AnotherDropOfTheDayLandsBetweenReadingTheHistoryAndWritingIt_IsJudgedToo()
    {
        var (a, b) = (await JudgedAsync("a.csv", Sancho), await JudgedAsync("b.csv", SanchoAgain));
        var slow = new Overtaken(orders.History, () => CommitAsync(a));
        var run = new IngestRun(orders.Get<Workspace>(), orders.Get<IDataEngine>(), orders.Objects, slow, orders.Get<ICheckCatalogue>(), orders.Time, []);

        var second = await run.Transitions[1].StepAsync(new RunContext<IngestState>(b.Run, b.State, 1, null), default);

        second.State!.Report!.Version.ShouldBe(2);
        second.State.Report.Failed.Single().Value.ShouldBe(0);
        slow.Appends.ShouldBe(2, "the first was refused: a.csv is in and was not looked at");
        (await orders.History.PartitionsAsync("orders")).Select(p => p.Entry.Failed).ShouldBe([Severity.Error, Severity.Error]);
        await AgreesWithCheckAsync();
    }

    [Fact]
    public async Task Ingest_WhatTheDayWasJudgedWithIsCorrectedMeanwhile_TheCorrectionCounts()
    {
        await orders.IngestAsync("a.csv", Sancho);
        var b = await JudgedAsync("b.csv", SanchoAgain);
        await orders.IngestAsync("a.csv", Alonso);

        (await CommitAsync(b)).Report!.Failed.ShouldBeEmpty();

        var partitions = await orders.History.PartitionsAsync("orders");
        partitions.Select(p => p.Entry.Failed).ShouldBe([null, null]);
        await AgreesWithCheckAsync();
    }

    [Fact]
    public async Task Ingest_KilledBetweenJudgingAgainAndCommitting_EndsTheSame()
    {
        var (a, b) = (await JudgedAsync("a.csv", Sancho), await JudgedAsync("b.csv", SanchoAgain));
        await CommitAsync(a);
        var run = new IngestRun(orders.Get<Workspace>(), orders.Get<IDataEngine>(), orders.Objects, new Dying(orders.History), orders.Get<ICheckCatalogue>(), orders.Time, []);
        await Should.ThrowAsync<IOException>(() => run.Transitions[1].StepAsync(new RunContext<IngestState>(b.Run, b.State, 1, null), default));

        (await CommitAsync(b)).Report!.Failed.Single().Value.ShouldBe(0);

        (await orders.History.CommitsAsync("orders"))[^1].Verdicts.Single().Partitions.Count.ShouldBe(2);
        await AgreesWithCheckAsync();
    }

    [Fact]
    public async Task Ingest_OtherDaysOrNothingBetween_WritesNoVerdictOfItsOwn()
    {
        var (a, b) = (await JudgedAsync("a.csv", Sancho), await JudgedAsync("b.csv", "2024-04-02 11:00:00,7,Sancho,30\n"));
        await CommitAsync(a);
        await CommitAsync(b);
        await orders.IngestAsync("c.csv", Alonso);

        (await orders.History.CommitsAsync("orders")).ShouldAllBe(c => c.Verdicts.Count == 0 && c.SchemaVersion == 1);
        await AgreesWithCheckAsync();
    }

    [Fact]
    public async Task Ingest_AWholeDropWithoutTheDay_TheRestOfTheDayIsJudgedAnew()
    {
        await orders.IngestAsync("a.csv", Sancho);
        await orders.IngestAsync("b.csv", SanchoAgain);
        await orders.IngestAsync("c.csv", Alonso);
        (await orders.History.PartitionsAsync("orders")).ShouldAllBe(p => p.Entry.Failed == Severity.Error);

        var whole = await JudgedAsync("a.csv", "2024-04-05 10:00:00,8,Sancho,20\n", whole: true);
        await CommitAsync(whole);

        var partitions = await orders.History.PartitionsAsync("orders");
        partitions.Select(p => (p.Key, p.Entry.Failed)).ShouldBe([("2024-04-01", null), ("2024-04-01", null), ("2024-04-05", null)]);
        (await orders.History.PartitionsAsync("orders", AsOf.AtVersion(3))).ShouldAllBe(p => p.Entry.Failed == Severity.Error);
        await AgreesWithCheckAsync();
    }

    [Theory]
    [InlineData("customer_id = 7", null)] // all that made the day fail
    [InlineData("customer_id = 9", Severity.Error)] // somebody else
    public async Task Erase_RowsOfADayOfSeveralDrops_TheDayIsJudgedOverWhatIsLeft(string condition, Severity? expected)
    {
        await orders.IngestAsync("a.csv", Sancho + Alonso);
        await orders.IngestAsync("b.csv", SanchoAgain + "2024-04-01 13:00:00,6,Dulcinea,1\n");
        await orders.IngestAsync("c.csv", "2024-04-01 14:00:00,5,Rocinante,1\n");
        (await orders.History.PartitionsAsync("orders")).ShouldAllBe(p => p.Entry.Failed == Severity.Error);

        await EraseAsync(condition);

        var partitions = await orders.History.PartitionsAsync("orders");
        partitions.Count.ShouldBe(3);
        partitions.ShouldAllBe(p => p.Entry.Failed == expected);
        await AgreesWithCheckAsync();

        await orders.IngestAsync("d.csv", "2024-04-01 15:00:00,4,Teresa,1\n");
        (await orders.History.PartitionsAsync("orders")).ShouldAllBe(p => p.Entry.Failed == expected);
        await AgreesWithCheckAsync();
    }

    [Fact]
    public async Task Erase_AllRowsOfOneDropOfADay_TheOthersAreJudgedAlone()
    {
        await orders.IngestAsync("a.csv", Sancho);
        await orders.IngestAsync("b.csv", SanchoAgain);

        await EraseAsync("customer_id = 8");

        (await orders.History.PartitionsAsync("orders")).Single().Entry.Failed.ShouldBeNull();
        (await orders.History.PartitionsAsync("orders", AsOf.AtVersion(2))).Single().Entry.Failed.ShouldBeNull("erasures count for the past too");
        await AgreesWithCheckAsync();
    }

    [Fact]
    public async Task Erase_WhileADropOfTheDayIsOnItsWay_NeitherIsForgotten()
    {
        await orders.IngestAsync("a.csv", Sancho);
        var b = await JudgedAsync("b.csv", SanchoAgain);
        await EraseAsync("customer_id = 8");

        (await CommitAsync(b)).Report!.Failed.ShouldBeEmpty();

        (await orders.History.PartitionsAsync("orders")).Single().Entry.ShouldSatisfyAllConditions(e => e.Failed.ShouldBeNull(), e => e.Together.ShouldBeFalse());
        await AgreesWithCheckAsync();
    }

    /// <summary>What the history says of each partition is what the checks say of its day, computed from the states anew.</summary>
    private async Task AgreesWithCheckAsync()
    {
        var check = await orders.Get<IDatasetInspector>().CheckAsync("orders");
        var days = check.Partitions.ToDictionary(p => p.Key, p => PartitionStore.WorstFailure(p.Checks));
        (await orders.History.PartitionsAsync("orders")).ShouldAllBe(p => p.Entry.Failed == days[p.Key]);
    }

    /// <summary>A drop that was cut, judged and written, and is not yet in the history.</summary>
    private async Task<(string Run, IngestState State)> JudgedAsync(string file, string rows, bool whole = false)
    {
        var run = await orders.Get<IDropInbox>().PutAsync("orders", file, new MemoryStream(Encoding.UTF8.GetBytes(OrdersFixture.Header + rows)), "test");
        var state = (await orders.Get<IRunEngine>().FindAsync(run))!.Data.Deserialize<IngestState>(ServerlessJson.Options)! with { Whole = whole };
        return (run, (await orders.StepAsync("received", run, state)).State!);
    }

    private async Task<IngestState> CommitAsync((string Run, IngestState State) drop) => (await orders.StepAsync("partitioned", drop.Run, drop.State)).State!;

    private async Task EraseAsync(string condition) =>
        (await orders.EndAsync<EraseState>(await orders.Get<IEraser>().StartAsync("orders", condition, "ticket 4711", "test", false))).Report!.Rows.ShouldBe(1);

    /// <summary>Another writer is faster, once: it commits after this one has looked and before it writes.</summary>
    private sealed class Overtaken(IDatasetHistory inner, Func<Task> other) : Through(inner)
    {
        public int Appends { get; private set; }

        public override async Task<Commit?> AppendAsync(string dataset, Func<IReadOnlyList<Commit>, int, Commit?> build, CancellationToken cancel = default)
        {
            if (Appends++ == 0) await other();
            return await base.AppendAsync(dataset, build, cancel);
        }
    }

    private sealed class Dying(IDatasetHistory inner) : Through(inner)
    {
        public override Task<Commit?> AppendAsync(string dataset, Func<IReadOnlyList<Commit>, int, Commit?> build, CancellationToken cancel = default) => throw new IOException("gone");
    }

    private abstract class Through(IDatasetHistory inner) : IDatasetHistory
    {
        public Task<IReadOnlyList<Commit>> CommitsAsync(string dataset, CancellationToken cancel = default) => inner.CommitsAsync(dataset, cancel);

        public Task<IReadOnlyList<PartitionRecord>> PartitionsAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) => inner.PartitionsAsync(dataset, asOf, cancel);

        public Task<IReadOnlyList<PartitionRecord>> WrittenAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) => inner.WrittenAsync(dataset, asOf, cancel);

        public virtual Task<Commit?> AppendAsync(string dataset, Func<IReadOnlyList<Commit>, int, Commit?> build, CancellationToken cancel = default) => inner.AppendAsync(dataset, build, cancel);
    }
}
