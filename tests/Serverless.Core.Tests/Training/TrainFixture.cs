using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Alerts;
using Serverless.Core.Tests.Features;
using Serverless.Core.Tests.Runs;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Training;

/// <summary>The whole of Core on a local store, with the data in memory: runs go through the real engine.</summary>
internal sealed class TrainFixture : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly LocalStore store;
    private readonly ServiceProvider services;

    /// <param name="fuse">Where the process dies.</param>
    /// <param name="arrival">When data are due.</param>
    /// <param name="alerts">Whether signals are kept.</param>
    public TrainFixture(ModelDefinition? model = null, string? storeFolder = null, Fuse? fuse = null, bool alerts = false, ArrivalDefinition? arrival = null)
    {
        store = new LocalStore(Time, folder: storeFolder ?? folder[".serverless"]);
        Model = model ?? Binary();
        var workspace = new Workspace
        {
            Name = "test", Root = folder["."], Storage = new StorageSettings { Folder = store.Folder }, ApiKeys = [], Hash = "hash",
            Datasets = new Dictionary<string, DatasetDefinition> { ["flights"] = Fixture.Dataset with { Arrival = arrival } },
            Models = new Dictionary<string, ModelDefinition> { ["late"] = Model },
        };
        var collection = alerts ? new ServiceCollection().AddAlerts() : new ServiceCollection();
        services = collection
            .AddSingleton(workspace).AddSingleton<TimeProvider>(Time).AddSingleton(IdSource.System)
            .AddSingleton<IDataEngine>(new FakeEngine()).AddSingleton<ITrainer>(Trainer).AddSingleton<IDatasetHistory>(Data).AddSingleton<IPartitionReader>(Data)
            .AddSingleton(fuse is null ? store.Objects : new MortalObjects(store.Objects, fuse))
            .AddSingleton(fuse is null ? store.Records : new MortalRecords(store.Records, fuse))
            .AddSingleton(fuse is null ? store.Queue : new MortalQueue(store.Queue, fuse))
            .AddStorage().AddRuns().AddTraining().AddRegistry().AddMonitoring().AddTracking()
            .BuildServiceProvider();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    public FakeData Data { get; } = new();

    public HalfTrainer Trainer { get; } = new();

    public ModelDefinition Model { get; }

    public IRunEngine Engine => services.GetRequiredService<IRunEngine>();

    public IModelRegistry Registry => services.GetRequiredService<IModelRegistry>();

    public IObjectStore Objects => services.GetRequiredService<IObjectStore>();

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public ILeases Leases => services.GetRequiredService<ILeases>();

    public static ModelDefinition Binary(params (string Name, string Value)[] settings) => Fixture.Model(
        Fixture.Feature("hour", "date.Hour"), Fixture.Feature("distance", "distance"), Fixture.Feature("origin", "origin")) with
    {
        Trainer = new TrainerDefinition("half", settings.ToDictionary(s => s.Name, s => new Parameter([s.Value], false, 1, 1)), 42, 9, 11),
        Holdout = TimeSpan.FromDays(3),
        Gate = new GateDefinition { Metric = "auc", Min = 0.6, Tolerance = 0.005 },
    };

    /// <summary>Days of January 2001 in which lateness depends on the hour, the distance and the origin.</summary>
    public TrainFixture WithDays(int days, int rows = 200, Func<int, double, long?>? delay = null, Severity? failed = null)
    {
        string[] airports = ["ATL", "JFK", "LAX", "ORD", "SFO"];
        for (var day = 0; day < days; day++)
        {
            var random = new Random(day);
            var start = new DateTime(2001, 1, 1).AddDays(day).Ticks;
            var hours = Enumerable.Range(0, rows).Select(i => (long)i * 24 / rows).ToArray();
            var codes = hours.Select(_ => random.Next(5)).ToArray();
            var delays = hours.Select((h, i) => (delay ?? ((d, noise) => (long)((h - 12) * 3 + codes[i] * 5 + noise * 40)))(day, random.NextDouble())).ToArray();
            Data.Add($"2001-01-{day + 1:D2}", new Table(rows,
            [
                new TimestampColumn("date", [.. hours.Select(h => start + h * TimeSpan.TicksPerHour)], null),
                new IntegerColumn("delay", [.. delays.Select(d => d ?? 0)], [.. delays.Select(d => d is null)]),
                new NumberColumn("distance", [.. hours.Select(_ => random.NextDouble() * 1000)], null),
                new StringColumn("origin", codes, airports, null),
                new BooleanColumn("weekend", new bool[rows], null),
            ]), Time.GetUtcNow(), failed);
        }

        return this;
    }

    public async Task<(RunRecord Record, TrainState State)> TrainAsync(string? id = null, DateTimeOffset? asOf = null)
    {
        var run = await Engine.StartAsync(new TrainState { Model = "late", Reason = "test", By = "cli:alice", AsOf = asOf }, id);
        var record = await Engine.DriveAsync(run);
        return (record, record.Data.Deserialize<TrainState>(ServerlessJson.Options)!);
    }

    /// <summary>Works on a run until it has ended, letting time pass where there is nothing to do, as a process does that found it in the store.</summary>
    public async Task<RunRecord> FinishAsync(string id)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (await Engine.FindAsync(id) is { Status: not RunStatus.Running } ended) return ended;
            if (!await Engine.WorkOnceAsync()) Time.Advance(TimeSpan.FromSeconds(5));
        }

        throw new TimeoutException($"run '{id}' did not end");
    }

    public void Dispose()
    {
        services.Dispose();
        store.Dispose();
        folder.Dispose();
    }
}
