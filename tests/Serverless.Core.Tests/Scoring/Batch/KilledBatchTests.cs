using Microsoft.Extensions.DependencyInjection;
using Serverless.Core.Tests.Runs;
using Serverless.Datasets;
using Serverless.Runs;
using Serverless.Scoring;

namespace Serverless.Core.Tests.Scoring.Batch;

/// <summary>A process dies at a call to a store, before the call takes effect or just after. Another one finishes the batch: every row is answered or rejected once, and every key is served.</summary>
public sealed class KilledBatchTests
{
    /// <summary>Every third call, the one before and the other after it: all of them take a minute.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Work_ProcessDiesAnywhere_EveryRowOnce(bool after)
    {
        using var store = new BatchProcesses();
        await store.RegisterAsync();
        for (var at = after ? 2 : 1; ; at += 3)
        {
            var fuse = new Fuse(at, after);
            var id = await store.StartAsync(store.Process(seed: 1000 + at));
            var mortal = store.Process(fuse, seed: at).GetRequiredService<IRunEngine>();
            await Record.ExceptionAsync(async () => { while (await mortal.WorkOnceAsync()) { } });

            var run = await store.FinishAsync(store.Process(seed: 5000 + at), id);

            await EveryRowOnceAsync(store, run);
            if (!fuse.Blown) return;
        }
    }

    [Fact]
    public async Task Drive_Undisturbed_ServesTheLastRowOfEachKey()
    {
        using var store = new BatchProcesses();
        await store.RegisterAsync();
        var process = store.Process();
        var run = await process.GetRequiredService<IRunEngine>().DriveAsync(await store.StartAsync(process));
        await EveryRowOnceAsync(store, run);

        var predictions = process.GetRequiredService<IPrecomputedPredictions>();
        store.Time.Advance(TimeSpan.FromMinutes(3));
        var found = (await predictions.FindAsync("twice", ["k1"]))!;
        // Rows 1, 5, ..., 25 have key k1.
        (found.Id, found.Version, found.Score, found.Prediction.GetDouble(), found.Stale).ShouldBe(($"{run.Id}/25", 1, 51, 51, false));
        found.Age.ShouldBe(store.Time.GetUtcNow() - run.CreatedAt);
        // Rows 10 and 20 have no x; the last good one of k2 is 22.
        (await predictions.FindAsync("twice", ["k2"]))!.Score.ShouldBe(45);
        (await predictions.FindAsync("twice", ["k9"])).ShouldBeNull();
        (await predictions.FindAsync("other", ["k1"])).ShouldBeNull();
    }

    private static async Task EveryRowOnceAsync(BatchProcesses store, RunRecord run)
    {
        run.Status.ShouldBe(RunStatus.Done, run.Reason);
        var report = run.Data.Deserialize<ScoreState>()!.Report!;
        (report.Rows, report.Rejected, report.WithoutAnswer, report.Keys, report.Files.Count).ShouldBe((23, 2, 0, 4, 3));
        var scored = new List<Table>();
        foreach (var file in report.Files) scored.Add(await store.TableAsync(file));
        var rejected = new List<Table>();
        foreach (var file in report.Rejects) rejected.Add(await store.TableAsync(file));
        scored.SelectMany(t => ((IntegerColumn)t["row"]).Values).Concat(rejected.SelectMany(t => ((IntegerColumn)t["_row"]).Values)).Order().ShouldBe(Enumerable.Range(1, BatchProcesses.Rows).Select(n => (long)n));
        foreach (var table in scored) for (var i = 0; i < table.Rows; i++) ((NumberColumn)table["score"]).Values[i].ShouldBe((2 * ((IntegerColumn)table["row"]).Values[i]) + 1);
        // Nothing that was only kept to be scored is left.
        (await store.Store.Objects.ListAsync($"runs/{run.Id}/input/").ToListAsync()).ShouldBeEmpty();
    }
}
