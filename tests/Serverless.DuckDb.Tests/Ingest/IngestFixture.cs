using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Tests.Ingest;

/// <summary>A workspace with the flights dataset on a local store, and ingest runs driven step by step as the engine would, so that a test can stop between any two.</summary>
public sealed class IngestFixture : IDisposable
{
    public const string Header = "date,delay,distance,origin,destination\n";

    private readonly LocalStore store;
    private readonly ServiceProvider services;

    public IngestFixture(DatasetDefinition? dataset = null, Func<IDataEngine, IDataEngine>? wrap = null)
    {
        Time = new FakeTimeProvider(new DateTimeOffset(2001, 3, 1, 12, 0, 0, TimeSpan.Zero));
        store = new LocalStore(Time, new SeededIds(1));
        dataset ??= EngineFixture.Flights;
        var collection = Services(dataset);
        using var engine = new ServiceCollection().AddPartitions().AddDuckDb().BuildServiceProvider();
        var real = engine.GetRequiredService<IDataEngine>();
        services = collection.AddSingleton(wrap is null ? real : wrap(real)).BuildServiceProvider();
    }

    /// <summary>The same store under a contract that was changed.</summary>
    public IServiceCollection Services(DatasetDefinition dataset) => new ServiceCollection()
        .AddSingleton<TimeProvider>(Time)
        .AddSingleton<IdSource>(new SeededIds(2))
        .AddSingleton(store.Objects).AddSingleton(store.Records).AddSingleton(store.Queue)
        .AddSingleton(new Workspace
        {
            Name = "test", Root = store.Folder, Storage = new StorageSettings(), ApiKeys = [], Hash = "",
            Datasets = new Dictionary<string, DatasetDefinition> { [dataset.Name] = dataset }, Models = new Dictionary<string, Models.ModelDefinition>(),
        })
        .AddSingleton<IRunEngine, NoRuns>()
        .AddPartitions();

    public FakeTimeProvider Time { get; }

    public IObjectStore Objects => store.Objects;

    public IRecordStore Records => store.Records;

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public IDatasetHistory History => Get<IDatasetHistory>();

    public async Task<IngestState> LandAsync(string file, string text, bool append = false)
    {
        var key = $"landing/flights/{file}";
        var info = await Objects.PutAsync(key, new MemoryStream(Encoding.UTF8.GetBytes(text)));
        return new IngestState { Dataset = "flights", Key = key, ETag = info.ETag, By = "test", ArrivedAt = Time.GetUtcNow(), Append = append };
    }

    /// <summary>One step, as the engine takes it.</summary>
    public Task<Step<IngestState>> StepAsync(string from, IngestState state, string run = "ingest-1", int attempt = 1) =>
        Get<IRunDefinition<IngestState>>().Transitions.Single(t => t.From == from).StepAsync(new RunContext<IngestState>(run, state, attempt, null), CancellationToken.None);

    /// <summary>The ingest run of this workspace, telling what it sees.</summary>
    internal IngestRun Ingest(Alerts.ISignals signals) =>
        new(Get<Workspace>(), Get<IDataEngine>(), Objects, History, Get<Checks.ICheckCatalogue>(), Time, [], signals);

    internal static Task<Step<IngestState>> StepAsync(IngestRun run, string from, IngestState state) =>
        run.Transitions.Single(t => t.From == from).StepAsync(new RunContext<IngestState>("ingest-1", state, 1, null), CancellationToken.None);

    /// <summary>All steps.</summary>
    public async Task<DropReport> DriveAsync(IngestState state, string run = "ingest-1")
    {
        var step = await StepAsync("received", state, run);
        if (step.Kind == StepKind.Next) step = await StepAsync("partitioned", step.State!, run);
        return step.State!.Report ?? throw new InvalidOperationException($"no report: {step.Kind} {step.Reason}");
    }

    public async Task<DropReport> IngestAsync(string file, string text, string run = "ingest-1", bool append = false) => await DriveAsync(await LandAsync(file, text, append), run);

    /// <summary>Paths of the partitions' files on this machine.</summary>
    public async Task<IReadOnlyList<string>> FilesAsync(IEnumerable<PartitionRecord> partitions)
    {
        var paths = new List<string>();
        foreach (var partition in partitions) paths.Add((await Objects.MaterialiseAsync(partition.Entry.Path)).Path);
        return paths;
    }

    public Task<List<string>> KeysAsync(string container) => Objects.KeysAsync(container);

    public void Dispose()
    {
        services.Dispose();
        store.Dispose();
    }

    /// <summary>Remembers which runs were started.</summary>
    internal sealed class NoRuns : IRunEngine
    {
        public List<(string Id, object State)> Started { get; } = [];

        public Task<string> StartAsync<TState>(TState state, string? id = null, CancellationToken cancel = default) where TState : class
        {
            lock (Started)
            {
                if (Started.All(s => s.Id != id)) Started.Add((id!, state));
            }

            return Task.FromResult(id!);
        }

        public Task<RunRecord> DriveAsync(string id, IProgress<RunProgress>? progress = null, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<bool> WorkOnceAsync(CancellationToken cancel = default) => throw new NotSupportedException();

        public Task HandleAsync(string messageBody, int deliveries, CancellationToken cancel = default) => throw new NotSupportedException();

        public Task<RunRecord?> FindAsync(string id, CancellationToken cancel = default) => throw new NotSupportedException();

        public IAsyncEnumerable<RunRecord> ListAsync(string? kind = null, string? subject = null, CancellationToken cancel = default) => throw new NotSupportedException();
    }
}
