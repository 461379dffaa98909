using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Alerts;
using Serverless.Arrival;
using Serverless.Core.Tests.Workspaces;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Arrival;

/// <summary>Flights due every day at 04:00 with a deadline at 06:00, a clock, and a history that the test extends.</summary>
internal sealed class ArrivalFixture : IDisposable
{
    private readonly WorkspaceFolder folder = new();
    private readonly LocalStore store;
    private readonly List<ServiceProvider> processes = [];

    public ArrivalFixture(ArrivalDefinition? arrival = null, PartitionScheme? partition = null)
    {
        store = new LocalStore(Time, new SeededIds(5));
        var loaded = folder.Load();
        var flights = loaded.Dataset("flights");
        Workspace = loaded with
        {
            Datasets = new Dictionary<string, DatasetDefinition>
            {
                ["flights"] = flights with { Arrival = arrival ?? ArrivalCalendarTests.Of("1d", "04:00", "06:00"), Partition = partition ?? flights.Partition },
            },
        };
    }

    public FakeTimeProvider Time { get; } = new(ArrivalCalendarTests.Utc("2026-03-02 12:00"));

    public Days History { get; } = new();

    public Serverless.Workspaces.Workspace Workspace { get; }

    public IRecordStore Records => store.Records;

    public ServiceProvider Process(IRecordStore? records = null)
    {
        var services = new ServiceCollection()
            .AddSingleton(Workspace).AddSingleton<TimeProvider>(Time).AddSingleton<IDatasetHistory>(History).AddSingleton(records ?? store.Records)
            .AddArrival().BuildServiceProvider();
        processes.Add(services);
        return services;
    }

    public async Task<ArrivalState> LookAsync(string? at = null)
    {
        if (at is not null) Time.SetUtcNow(ArrivalCalendarTests.Utc(at));
        return (await Process().GetRequiredService<IArrivals>().LookAsync("flights"))!;
    }

    public async Task<string[]> EventsAsync() =>
        [.. (await Process().GetRequiredService<IArrivals>().ListAsync("flights")).Select(e => $"{e.Period} {e.Outcome} {e.At:dd HH:mm}")];

    public async Task<List<Signal>> SignalsAsync() =>
        await Process().GetRequiredService<ISignals>().ReadAsync(new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 31)).ToListAsync();

    public void Dispose()
    {
        processes.ForEach(p => p.Dispose());
        store.Dispose();
        folder.Dispose();
    }

    /// <summary>A history of one partition a commit.</summary>
    internal sealed class Days : IDatasetHistory
    {
        private readonly List<Commit> commits = [];

        public void Add(string key, string at) => commits.Add(new Commit
        {
            Dataset = "flights", Version = commits.Count + 1, Drop = $"{commits.Count}", File = $"{key}.csv", Bytes = 1, WrittenAt = ArrivalCalendarTests.Utc(at), By = "test", Run = "ingest-1",
            ContractVersion = "c", CodeVersion = "v", Quarantined = 0,
            Partitions = [new PartitionEntry { Id = $"p{commits.Count}", Key = key, Path = "", Rows = 1, Bytes = 1, Sha256 = "" }],
        });

        public Task<IReadOnlyList<Commit>> CommitsAsync(string dataset, CancellationToken cancel = default) => Task.FromResult<IReadOnlyList<Commit>>([.. commits]);

        public Task<IReadOnlyList<PartitionRecord>> WrittenAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) => PartitionsAsync(dataset, asOf, cancel);

        public Task<IReadOnlyList<PartitionRecord>> PartitionsAsync(string dataset, AsOf? asOf = null, CancellationToken cancel = default) =>
            Task.FromResult<IReadOnlyList<PartitionRecord>>([.. commits.SelectMany(c => c.Partitions.Select(p => new PartitionRecord(p, c)))]);

        public Task<Commit?> AppendAsync(string dataset, Func<IReadOnlyList<Commit>, int, Commit?> build, CancellationToken cancel = default) => throw new NotSupportedException("this history grows by hand");
    }
}
