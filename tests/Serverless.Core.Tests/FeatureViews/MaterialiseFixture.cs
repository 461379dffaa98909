using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Alerts;
using Serverless.Core.Tests.Features;
using Serverless.Core.Tests.Runs;
using Serverless.Core.Tests.Training;
using Serverless.Datasets;
using Serverless.FeatureViews;
using Serverless.FeatureViews.Online;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.FeatureViews;

/// <summary>A view whose values are made up of the version of its dataset, on a local store: runs go through the real engine.</summary>
internal sealed class MaterialiseFixture : IDisposable, IPartitionReader, IPointInTimeJoin
{
    public const int Keys = 70;
    public const string View = "stats";

    private readonly TempFolder folder = new();
    private readonly LocalStore store;
    private readonly ServiceProvider services;
    private readonly FakeData data = new();

    public MaterialiseFixture(string? storeFolder = null, Fuse? fuse = null, int versions = 1, ViewDefinition? view = null)
    {
        store = new LocalStore(Time, folder: storeFolder ?? folder["s"]);
        for (var v = 1; v <= versions; v++) data.Add($"2001-01-{v:D2}", new Table(0, []), Time.GetUtcNow());
        var workspace = new Workspace
        {
            Name = "test", Root = folder["."], Storage = new StorageSettings { Folder = store.Folder }, ApiKeys = [], Hash = "hash",
            Datasets = new Dictionary<string, DatasetDefinition> { ["flights"] = Fixture.Dataset }, Models = new Dictionary<string, ModelDefinition>(),
            Views = new Dictionary<string, ViewDefinition> { [View] = view ?? Definition },
        };
        services = new ServiceCollection().AddAlerts()
            .AddSingleton(workspace).AddSingleton<TimeProvider>(Time).AddSingleton(IdSource.System)
            .AddSingleton<IDataEngine>(new FakeEngine()).AddSingleton<IDatasetHistory>(data).AddSingleton<IPartitionReader>(this).AddSingleton<IPointInTimeJoin>(this)
            .AddSingleton(fuse is null ? store.Objects : new MortalObjects(store.Objects, fuse))
            .AddSingleton(fuse is null ? store.Records : new MortalRecords(store.Records, fuse))
            .AddSingleton(fuse is null ? store.Queue : new MortalQueue(store.Queue, fuse))
            .AddStorage().AddRuns().AddFeatureViews()
            .BuildServiceProvider();
    }

    public static ViewDefinition Definition { get; } = new()
    {
        Name = View, File = "features/stats.yaml", Dataset = "flights", Keys = ["origin"], Time = "date", Ttl = TimeSpan.FromDays(2),
        Features = [new ViewFeature { Name = "mean", Type = ColumnType.Number, Aggregate = AggregateFunction.Mean, Column = "distance", Over = TimeSpan.FromDays(1) }],
    };

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    /// <summary>How old the newest value is when a refresh computes it.</summary>
    public TimeSpan Age { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The value of key <c>k0</c> in a version of the dataset; that of <c>k7</c> is 7 more.</summary>
    public Func<int, double> Base { get; init; } = version => version * 1000;

    /// <summary>Thrown in place of values.</summary>
    public string? Broken { get; set; }

    public string StoreFolder => store.Folder;

    public IRunEngine Engine => services.GetRequiredService<IRunEngine>();

    public OnlineTable Online => services.GetRequiredService<OnlineTable>();

    public MaterialiseScheduler Scheduler => services.GetRequiredService<MaterialiseScheduler>();

    public Erasure.IRowHolder Erased => services.GetRequiredService<IEnumerable<Erasure.IRowHolder>>().OfType<OnlineRows>().Single();

    public async Task<int> ValueFilesAsync()
    {
        var count = 0;
        await foreach (var found in store.Objects.ListAsync("runs/materialise-")) count += found.Key.EndsWith("/values.parquet", StringComparison.Ordinal) ? 1 : 0;
        return count;
    }

    public void NewData() => data.Add("2001-02-01", new Table(0, []), Time.GetUtcNow());

    public async Task<RunRecord> RefreshAsync(string? id = null)
    {
        var run = await Engine.StartAsync(new MaterialiseState { Source = View, By = "test", Reason = "test" }, id);
        return await Engine.DriveAsync(run);
    }

    public async Task<RunRecord> FinishAsync(string id)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (await Engine.FindAsync(id) is { Status: not RunStatus.Running } ended) return ended;
            if (!await Engine.WorkOnceAsync()) Time.Advance(TimeSpan.FromSeconds(5));
        }

        throw new TimeoutException($"run '{id}' did not end");
    }

    /// <summary>The value that every key has online less the key's number; fails when keys are of different refreshes.</summary>
    public async Task<double?> SeenAsync()
    {
        var seen = new HashSet<double?>();
        for (var key = 0; key < Keys; key++) seen.Add((await Online.ReadAsync(View, $"k{key}", default)).Value?.Values[0]!.Value.GetDouble() - key);
        return seen.ShouldHaveSingleItem();
    }

    public async Task<IReadOnlyList<string>> OnlineRowsAsync()
    {
        var partitions = new List<string>();
        await foreach (var partition in store.Records.PartitionsAsync(StoreNames.Tables.Features)) partitions.Add(partition);
        return partitions;
    }

    /// <summary>All that was said about the view, in the order of time.</summary>
    public async Task<IReadOnlyList<(string Name, bool Bad, string Message)>> SignalsAsync()
    {
        var found = new List<(string, bool, string)>();
        await foreach (var day in store.Records.PartitionsAsync(StoreNames.Tables.Signals))
        {
            // Other partitions hold the same signals in another order.
            if (day.Length != 8 || !day.All(char.IsAsciiDigit)) continue;
            await foreach (var batch in store.Records.QueryAsync(StoreNames.Tables.Signals, day))
            {
                using var json = JsonDocument.Parse(batch.Json);
                if (json.RootElement.ValueKind != JsonValueKind.Array) continue;
                found.AddRange(json.RootElement.EnumerateArray().Where(s => s.GetProperty("subject").GetString() == View)
                    .Select(s => (s.GetProperty("name").GetString()!, s.GetProperty("bad").GetBoolean(), s.GetProperty("message").GetString()!)));
            }
        }

        return found;
    }

    async Task<PartitionSelection> IPartitionReader.SelectAsync(string dataset, PartitionQuery query, CancellationToken cancel)
    {
        var partitions = (await data.PartitionsAsync(dataset, null, cancel)).Where(p => query.AsOf?.Version is not { } version || p.Commit.Version <= version).ToArray();
        foreach (var p in partitions) await store.Objects.PutAsync(p.Entry.Path, new MemoryStream([1]), cancel);
        return new PartitionSelection(partitions, []);
    }

    Task<Table> IPartitionReader.ReadAsync(string dataset, IReadOnlyList<PartitionRecord> selected, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel) => throw new NotSupportedException();

    Task<IReadOnlyList<TableColumn>> IPointInTimeJoin.JoinAsync(Table rows, long[] ticks, IReadOnlyList<HistorySource> sources, CancellationToken cancel) => throw new NotSupportedException();

    Task<string?> IPointInTimeJoin.LooksAheadAsync(HistorySource source, CancellationToken cancel) => throw new NotSupportedException();

    Task<Table> IPointInTimeJoin.CurrentAsync(HistorySource source, DateTimeOffset at, CancellationToken cancel)
    {
        if (Broken is { } broken) throw new DataException(broken);
        var (time, from) = ((at - Age).UtcTicks, Base(source.Paths.Count));
        var keys = source.View!.Ttl is { } ttl && Age > ttl ? 0 : Keys;
        return Task.FromResult(new Table(keys,
        [
            new StringColumn("origin", [.. Enumerable.Range(0, keys)], [.. Enumerable.Range(0, keys).Select(k => $"k{k}")], new bool[keys]),
            new TimestampColumn("_time", [.. Enumerable.Repeat(time, keys)], new bool[keys]),
            new NumberColumn("mean", [.. Enumerable.Range(0, keys).Select(k => from + k)], new bool[keys]),
        ]));
    }

    public void Dispose()
    {
        services.Dispose();
        store.Dispose();
        folder.Dispose();
    }
}
