using System.Text;
using Serverless.Scoring;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Scoring.Log;

public sealed class ModelLogTests : IDisposable
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly LocalStore store = new();

    public void Dispose() => store.Dispose();

    [Fact]
    public async Task Flush_QuietHour_LeavesOneFileThatGrows()
    {
        var log = Log(new PredictionLogOptions());
        for (var i = 0; i < 5; i++)
        {
            Append(log, i, Noon.AddMinutes(i));
            await log.FlushAsync(default);
        }

        var file = (await FilesAsync()).ShouldHaveSingleItem();
        file.Key.ShouldStartWith("predictions/late/date=2026-03-01/hour=12/2026030112-");
        (await LinesAsync(file)).ShouldBe(["0 {\"i\":0} x=0", "1 {\"i\":1} x=1", "2 {\"i\":2} x=2", "3 {\"i\":3} x=3", "4 {\"i\":4} x=4"]);
    }

    [Fact]
    public async Task Flush_AcrossTheHour_PutsEachRowBelowItsHour()
    {
        var log = Log(new PredictionLogOptions());
        Append(log, 1, Noon.AddMinutes(59));
        Append(log, 2, Noon.AddMinutes(61));
        Append(log, 3, Noon.AddMinutes(62));
        await log.FlushAsync(default);
        var files = await FilesAsync();
        files.Select(f => f.Key.Split('/')[3]).ShouldBe(["hour=12", "hour=13"]);
        (await LinesAsync(files[1])).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Flush_FileThatIsFull_BeginsAnother()
    {
        var log = Log(new PredictionLogOptions { CloseAtRows = 3 });
        for (var i = 0; i < 10; i++)
        {
            Append(log, i, Noon);
            await log.FlushAsync(default);
        }

        var files = await FilesAsync();
        files.Count.ShouldBe(4);
        (await Task.WhenAll(files.Select(LinesAsync))).Sum(l => l.Length).ShouldBe(10);
    }

    [Fact]
    public async Task Append_Concurrently_KeepsEveryRowOnce()
    {
        var log = Log(new PredictionLogOptions { CloseAtRows = 500 });
        using var stop = new CancellationTokenSource();
        var flushing = Task.Run(async () => { while (!stop.IsCancellationRequested) await log.FlushAsync(default); });
        Parallel.For(0, 4, writer => { for (var i = 0; i < 2_000; i++) Append(log, writer * 2_000 + i, Noon); });
        await stop.CancelAsync();
        await flushing;
        await log.FlushAsync(default);
        var ids = (await Task.WhenAll((await FilesAsync()).Select(LinesAsync))).SelectMany(l => l).Select(l => int.Parse(l.Split(' ')[0])).Order();
        ids.ShouldBe(Enumerable.Range(0, 8_000));
    }

    [Fact]
    public void TryAppend_BeyondTheBound_Refuses()
    {
        var log = Log(new PredictionLogOptions { MaxWaitingRows = 2 });
        Append(log, 1, Noon).ShouldBeTrue();
        Append(log, 2, Noon).ShouldBeTrue();
        Append(log, 3, Noon).ShouldBeFalse();
        log.Unsaved.ShouldBe(2);
    }

    [Fact]
    public async Task Commit_StoreThatRefuses_ForgetsTheRowsAndGoesOn()
    {
        var fails = false;
        var log = new ModelLog("late", store.Objects, new Lines(() => fails), new SeededIds(7), new PredictionLogOptions());
        await log.CommitAsync(Rows(1, 2), default);
        fails = true;
        await Should.ThrowAsync<IOException>(() => log.CommitAsync(Rows(3, 4), default));
        fails = false;
        await log.CommitAsync(Rows(5), default);
        var file = (await FilesAsync()).ShouldHaveSingleItem();
        (await LinesAsync(file)).Select(l => l.Split(' ')[0]).ShouldBe(["1", "2", "5"]);
    }

    [Fact]
    public async Task GroupCommit_WhatComesWhileAGroupIsWritten_IsTheNextGroup()
    {
        using var turn = new SemaphoreSlim(0);
        var writes = 0;
        var log = new GroupCommit("late", store.Objects, new Lines(() => { Interlocked.Increment(ref writes); turn.Wait(TimeSpan.FromMinutes(1)); return false; }), new SeededIds(7), new PredictionLogOptions(), TimeProvider.System, (_, _, _) => { });
        var first = log.TryAppend(Record(0, Noon))!;
        SpinWait.SpinUntil(() => Volatile.Read(ref writes) == 1, TimeSpan.FromMinutes(1)).ShouldBeTrue();
        var others = Enumerable.Range(1, 100).Select(i => log.TryAppend(Record(i, Noon))!).ToArray();
        others.Distinct().ShouldHaveSingleItem().ShouldNotBe(first);
        first.IsCompleted.ShouldBeFalse();
        turn.Release();
        await first;
        others[0].IsCompleted.ShouldBeFalse();
        turn.Release();
        await others[0];
        writes.ShouldBe(2);
        (await LinesAsync((await FilesAsync()).ShouldHaveSingleItem())).Length.ShouldBe(101);
    }

    [Fact]
    public void Truncate_ToFewerRows_LeavesThoseAsTheyWere()
    {
        var rows = Rows(1, 2, 3);
        rows.Truncate(1);
        (rows.Count, rows.Id(0).ToString(), rows.OutputColumn.Length).ShouldBe((1, "1", 2));
        rows.Add(Record(9, Noon));
        (rows.Id(1).ToString(), rows.Inputs(1).ToString()).ShouldBe(("9", "{\"i\":9}"));
        rows.Truncate(0);
        (rows.Count, rows.TextLength).ShouldBe((0, 0));
    }

    private static PredictionBatch Rows(params int[] numbers)
    {
        var rows = new PredictionBatch("late");
        foreach (var i in numbers) rows.Add(Record(i, Noon));
        return rows;
    }

    private static PredictionRecord Record(int i, DateTime at) => new($"{i}", at, "late", 1, "champion", i % 2 == 0 ? "s" : null, Encoding.UTF8.GetBytes($"{{\"i\":{i}}}"), new double[] { i, 0.5 }, $"x={i}");

    [Fact]
    public void PredictionIds_OfTwoProcessesAndTimes_AreUniqueAndSortByTime()
    {
        var one = new PredictionIds(new SeededIds(1));
        var two = new PredictionIds(new SeededIds(2));
        var ids = Enumerable.Range(0, 1000).SelectMany(i => new[] { one.Next(Noon.AddMilliseconds(i)), two.Next(Noon.AddMilliseconds(i)) }).ToArray();
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id.Length == 26);
        ids.Where((_, i) => i % 2 == 0).ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);
    }

    private ModelLog Log(PredictionLogOptions options) => new("late", store.Objects, new Lines(), new SeededIds(7), options);

    private static bool Append(ModelLog log, int i, DateTime at) =>
        log.TryAppend(Record(i, at));

    private async Task<List<ObjectInfo>> FilesAsync()
    {
        var files = new List<ObjectInfo>();
        await foreach (var file in store.Objects.ListAsync("predictions/")) files.Add(file);
        return files;
    }

    private async Task<string[]> LinesAsync(ObjectInfo file)
    {
        using var reader = new StreamReader((await store.Objects.OpenReadAsync(file.Key))!);
        return (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>A format that people can read: id, inputs and prediction, a line each.</summary>
    private sealed class Lines(Func<bool>? fails = null) : IPredictionFormat
    {
        public string Extension => ".txt";

        public async Task WriteAsync(PredictionBatch batch, Stream stream, CancellationToken cancel = default)
        {
            if (fails?.Invoke() == true) throw new IOException("no space");
            for (var i = 0; i < batch.Count; i++) await stream.WriteAsync(Encoding.UTF8.GetBytes($"{batch.Id(i)} {batch.Inputs(i)} {batch.Prediction(i)}\n"), cancel);
            batch.OutputEnds[^1].ShouldBe(2 * batch.Count);
        }
    }
}
