using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Alerts;
using Serverless.DuckDb;
using Serverless.Partitions;
using Serverless.Rollouts;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Sources.Tests;

/// <summary>A workspace with one dataset and its sources, on a local store, with the real engine of runs and of data: what a pull brings goes the whole way into the history.</summary>
internal sealed class SourceFixture : IDisposable
{
    public const string Contract = """
        dataset: orders
        partition: { column: at, grain: day }
        columns:
          id: { type: integer, required: true }
          at: { type: timestamp, required: true }
          amount: number
        """;

    private readonly LocalStore store;
    private readonly List<ServiceProvider> processes = [];
    private readonly TimeProvider time;

    /// <param name="sources">YAML of the list, each line indented as in a file.</param>
    public SourceFixture(string sources, TimeProvider? time = null, string contract = Contract, string more = "")
    {
        this.time = time ?? TimeProvider.System;
        store = new LocalStore(this.time, folder: Folder[".serverless"]);
        Folder.Write("serverless.yaml", "name: shop\n");
        Folder.Write("datasets/orders.yaml", contract + "\nsources:\n" + sources + "\n" + more);
    }

    public TempFolder Folder { get; } = new();

    public IObjectStore Objects => store.Objects;

    public IRecordStore Records => store.Records;

    /// <summary>A process that takes the workspace as it is.</summary>
    public ServiceProvider Unchecked() => Process(check: false);

    public ServiceProvider Process(Func<IServiceCollection, IServiceCollection>? more = null, bool check = true)
    {
        var draft = WorkspaceLoader.Read(Folder.Path);
        IServiceCollection services = new ServiceCollection().AddLogging().AddSingleton(time).AddServerless(draft.Workspace)
            .AddSingleton(store.Objects).AddSingleton(store.Records).AddSingleton(store.Queue).AddSingleton<IFlagStore>(new ObjectFlagStore(store.Objects)).AddDuckDb().AddSourceReaders();
        var provider = (more is null ? services : more(services)).BuildServiceProvider();
        if (check) draft.Accept(provider.GetServices<IWorkspaceValidator>());
        processes.Add(provider);
        return provider;
    }

    public async Task<PullReport> PullAsync(string source = "shop", ServiceProvider? process = null, string dataset = "orders")
    {
        process ??= Process();
        var id = await process.GetRequiredService<IPullScheduler>().AskAsync(dataset, source, "cli:test", "test");
        return Report(await process.GetRequiredService<IRunEngine>().DriveAsync(id));
    }

    public static PullReport Report(RunRecord run) => run.Data.Deserialize<PullState>(ServerlessJson.Options)!.Report ?? throw new InvalidOperationException($"{run.Id} is '{run.State}': {run.Reason}");

    public async Task<IReadOnlyList<Commit>> CommitsAsync(string dataset = "orders") => await Process().GetRequiredService<IDatasetHistory>().CommitsAsync(dataset);

    /// <summary>Values of the current rows of a column, in order.</summary>
    public async Task<string[]> RowsAsync(string column = "id", string dataset = "orders")
    {
        var process = Process();
        var current = await process.GetRequiredService<IDatasetHistory>().PartitionsAsync(dataset);
        var definition = process.GetRequiredService<Workspace>().Dataset(dataset);
        var table = await process.GetRequiredService<IPartitionReader>().ReadAsync(dataset, current, [definition.Column(column)]);
        return [.. Enumerable.Range(0, table.Rows).Select(r => Convert.ToString(table[column] switch
        {
            Datasets.IntegerColumn c => c.Values[r],
            Datasets.NumberColumn c => (object)c.Values[r],
            Datasets.StringColumn c => c[r],
            _ => "?",
        }, System.Globalization.CultureInfo.InvariantCulture)!).Order(StringComparer.Ordinal)];
    }

    public async Task<List<Signal>> SignalsAsync()
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return await Process().GetRequiredService<ISignals>().ReadAsync(today.AddDays(-1), today.AddDays(1)).Where(s => s.Kind == SignalKind.Source).ToListAsync();
    }

    /// <summary>Nothing was stored, and nothing half-fetched lies about.</summary>
    public async Task NothingStoredAsync()
    {
        (await CommitsAsync()).ShouldBeEmpty();
        foreach (var prefix in new[] { "landing/", "data/", "quarantine/" }) (await Objects.KeysAsync(prefix.TrimEnd('/'))).ShouldBeEmpty();
        (await Objects.KeysAsync("runs")).ShouldBeEmpty();
    }

    public void Dispose()
    {
        processes.ForEach(p => p.Dispose());
        store.Dispose();
        Folder.Dispose();
    }
}
