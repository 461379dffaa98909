using Serverless.Core.Tests.Runs;
using Serverless.Datasets;
using Serverless.FeatureViews.Online;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.FeatureViews;

public sealed class OnlineTableTests : IDisposable
{
    private const int Keys = 70;
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly LocalStore store = new();

    public void Dispose() => store.Dispose();

    [Fact]
    public async Task ReadAsync_AfterARefresh_EveryKeyHasItsValueAndOthersNone()
    {
        var online = new OnlineTable(store.Records);
        await RefreshAsync(online, 1);
        for (var key = 0; key < Keys; key++) (await NumberAsync(online, $"k{key}")).ShouldBe(1000 + key);
        (await online.ReadAsync("stats", "unknown", default)).Value.ShouldBeNull();
        (await online.ReadAsync("other", "k1", default)).Head.ShouldBeNull();
    }

    [Fact]
    public async Task WriteAsync_BeforeTheHeadMoves_ReadersSeeTheRefreshBefore()
    {
        var online = new OnlineTable(store.Records);
        await RefreshAsync(online, 1);
        await online.WriteAsync("stats", "run-2", Values(2), 1, default);
        for (var key = 0; key < Keys; key++) (await NumberAsync(online, $"k{key}")).ShouldBe(1000 + key);
    }

    [Fact]
    public async Task MoveAsync_EarlierRefreshComesLast_IsRefusedAndTakenOut()
    {
        var online = new OnlineTable(store.Records);
        await RefreshAsync(online, 2);
        (await RefreshAsync(online, 1)).ShouldBeFalse();
        (await NumberAsync(online, "k3")).ShouldBe(2003);
        (await PartitionsAsync()).ShouldBe(["stats", "stats@run-2"]);
    }

    [Fact]
    public async Task MoveAsync_RepeatedAfterALaterRefresh_KeepsWhatReadersMayStillHold()
    {
        var online = new OnlineTable(store.Records);
        await RefreshAsync(online, 1);
        var held = (await online.HeadAsync("stats", default))!.Value.Head;
        await RefreshAsync(online, 2);
        (await online.MoveAsync(Head(1, held.Buckets), default)).ShouldBeTrue();
        (await online.FindAsync(held, "k3", default)).Value!.Values[0]!.Value.GetDouble().ShouldBe(1003);
        (await NumberAsync(online, "k3")).ShouldBe(2003);
    }

    [Fact]
    public async Task HeadAsync_WrittenByANewerVersion_SaysSo()
    {
        var online = new OnlineTable(store.Records);
        await online.MoveAsync(Head(1, 1) with { SchemaVersion = 9 }, default);
        (await Should.ThrowAsync<DataException>(() => online.HeadAsync("stats", default))).Message.ShouldContain("written by a newer version (schema 9, known 1)");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refresh_DiesAtAnyCall_NothingHalfIsSeenAndAnotherFinishes(bool after)
    {
        var died = 0;
        for (var at = 1; ; at++)
        {
            using var fresh = new LocalStore();
            var sane = new OnlineTable(fresh.Records);
            await RefreshAsync(sane, 1);
            await RefreshAsync(sane, 2);
            var fuse = new Fuse(at, after);
            try
            {
                await RefreshAsync(new OnlineTable(new MortalRecords(fresh.Records, fuse)), 3);
            }
            catch (ProcessDiedException)
            {
                died++;
            }

            var seen = new HashSet<double>();
            for (var key = 0; key < Keys; key++) seen.Add(await NumberAsync(sane, $"k{key}") - key);
            seen.Count.ShouldBe(1, $"call {at}");
            (await RefreshAsync(sane, 3)).ShouldBeTrue();
            for (var key = 0; key < Keys; key++) (await NumberAsync(sane, $"k{key}")).ShouldBe(3000 + key);
            (await PartitionsAsync(fresh)).ShouldBe(["stats", "stats@run-2", "stats@run-3"], $"call {at}");
            if (!fuse.Blown) break;
        }

        died.ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task ReadAsync_WhileRefreshesRunSideBySide_NeverMissesAKnownKeyAndNeverGoesBack()
    {
        var online = new OnlineTable(store.Records);
        await RefreshAsync(online, 1);
        using var done = new CancellationTokenSource();
        var reader = Task.Run(async () =>
        {
            var (reads, last) = (0, 0d);
            while (!done.IsCancellationRequested || reads == 0)
            {
                var number = await NumberAsync(online, "k7");
                number.ShouldBeGreaterThanOrEqualTo(last);
                (last, reads) = (number, reads + 1);
            }

            return reads;
        });
        await Task.WhenAll(Enumerable.Range(2, 12).Select(r => Task.Run(() => RefreshAsync(online, r))));
        await done.CancelAsync();
        (await reader).ShouldBeGreaterThan(0);
        (await NumberAsync(online, "k7")).ShouldBe(13007);
    }

    private static async Task<double> NumberAsync(OnlineTable online, string key)
    {
        var (head, value) = await online.ReadAsync("stats", key, default);
        head.ShouldNotBeNull();
        value.ShouldNotBeNull(key);
        return value.Values[0]!.Value.GetDouble();
    }

    private static async Task<bool> RefreshAsync(OnlineTable online, int number)
    {
        var buckets = await online.WriteAsync("stats", $"run-{number}", Values(number), 1, default);
        return await online.MoveAsync(Head(number, buckets), default);
    }

    private static OnlineHead Head(int number, int buckets) => new()
    {
        Source = "stats", Generation = $"run-{number}", At = Start.AddHours(number), DatasetVersion = number, Keys = Keys, Buckets = buckets, Features = ["mean"],
    };

    private static Table Values(int number) => new(Keys,
    [
        new StringColumn("airport", [.. Enumerable.Range(0, Keys)], [.. Enumerable.Range(0, Keys).Select(k => $"k{k}")], new bool[Keys]),
        new TimestampColumn("_time", [.. Enumerable.Repeat(Start.UtcTicks, Keys)], new bool[Keys]),
        new NumberColumn("mean", [.. Enumerable.Range(0, Keys).Select(k => number * 1000d + k)], new bool[Keys]),
    ]);

    private Task<List<string>> PartitionsAsync() => PartitionsAsync(store);

    private static async Task<List<string>> PartitionsAsync(LocalStore of)
    {
        var partitions = new List<string>();
        await foreach (var partition in of.Records.PartitionsAsync(StoreNames.Tables.Features)) partitions.Add(partition);
        return partitions;
    }
}
