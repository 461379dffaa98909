using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Local;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Tests.Rows;

/// <summary>A workspace of customers' orders on a local store, with the whole of the system behind it. Runs are driven to their end, or step by step.</summary>
public sealed class OrdersFixture : IDisposable
{
    public const string Contract = """
        dataset: orders
        partition: { column: at, grain: day }
        columns:
          at:          { type: timestamp, required: true }
          customer_id: { type: integer, required: true }
          name:        { type: string }
          amount:      { type: number, max: 100 }
        """;

    public const string Header = "at,customer_id,name,amount\n";

    private const string Model = """
        model: spend
        task: regression
        dataset: orders
        label: amount
        features: { customer: customer_id }
        trainer: { name: baseline }
        holdout: 1d
        gate: { metric: rmse, max: 1000 }
        """;

    private readonly TempFolder folder = new();
    private ServiceProvider services;

    public OrdersFixture()
    {
        folder.Write("serverless.yaml", "name: shop\n");
        folder.Write("models/spend.yaml", Model);
        services = Open(Contract);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public string Store => folder[".serverless"];

    public IObjectStore Objects => Get<IObjectStore>();

    public IDatasetHistory History => Get<IDatasetHistory>();

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>The same store under another contract.</summary>
    public void Mend(string contract)
    {
        services.Dispose();
        services = Open(contract);
    }

    public async Task<DropReport> IngestAsync(string file, string rows)
    {
        var run = await Get<IDropInbox>().PutAsync("orders", file, new MemoryStream(Encoding.UTF8.GetBytes(Header + rows)), "test");
        Time.Advance(TimeSpan.FromMinutes(1));
        return (await EndAsync<IngestState>(run)).Report!;
    }

    public async Task<TState> EndAsync<TState>(string run)
    {
        var record = await Get<IRunEngine>().DriveAsync(run);
        record.Status.ShouldBeOneOf(RunStatus.Done, RunStatus.Refused);
        return record.Data.Deserialize<TState>(ServerlessJson.Options)!;
    }

    /// <summary>One step of a run as the engine takes it, so that a test can stop between any two, or take one twice.</summary>
    public Task<Step<TState>> StepAsync<TState>(string from, string run, TState state) where TState : class =>
        Get<IRunDefinition<TState>>().Transitions.Single(t => t.From == from).StepAsync(new RunContext<TState>(run, state, 1, null) { CreatedAt = Time.GetUtcNow() }, CancellationToken.None);

    /// <summary>Rows of the dataset as it is now (or was), each cell as text.</summary>
    public async Task<List<string>> RowsAsync(AsOf? asOf = null)
    {
        var rows = new List<string>();
        foreach (var partition in await History.PartitionsAsync("orders", asOf))
        {
            using var file = await Objects.MaterialiseAsync(partition.Entry.Path);
            rows.AddRange(EngineFixture.Rows(file.Path));
        }

        return rows;
    }

    /// <summary>Everything that the store holds, Parquet opened and the rest as it is, by path.</summary>
    public IEnumerable<(string Path, string Text)> Everything()
    {
        foreach (var path in Directory.EnumerateFiles(Store, "*", SearchOption.AllDirectories).Where(p => !p.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var text = path.EndsWith(".parquet", StringComparison.Ordinal) && !path.Contains("_rejected", StringComparison.Ordinal) ? string.Join('\n', EngineFixture.Rows(path)) : Read(path);
            yield return (Path.GetRelativePath(Store, path), text);
        }
    }

    public void Dispose()
    {
        services.Dispose();
        folder.Dispose();
    }

    private ServiceProvider Open(string contract)
    {
        folder.Write("datasets/orders.yaml", contract);
        var draft = WorkspaceLoader.Read(folder.Path);
        draft.Problems.ShouldBeEmpty();
        return new ServiceCollection().AddSingleton<TimeProvider>(Time).AddServerless(draft.Workspace).AddLocalStorage(Store).AddDuckDb().BuildServiceProvider();
    }

    private static string Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file, Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
