using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Alerts;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Profiles;
using Serverless.Series;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Series;

/// <summary>A dataset of which only the reports beside its partitions exist, as series need nothing else.</summary>
internal sealed class StoredDataset : IDisposable
{
    private readonly LocalStore store = new();
    private readonly ServiceProvider services;
    private int drops;

    public StoredDataset(IReadOnlyList<AnomalyDefinition>? rules = null, Func<IObjectStore, IObjectStore>? wrap = null)
    {
        Definition = new DatasetDefinition
        {
            Name = "flights", File = "datasets/flights.yaml", ContractVersion = "c1", Partition = new PartitionScheme("date", PartitionGrain.Day),
            Columns = [new() { Name = "date", Type = ColumnType.Timestamp }, new() { Name = "delay", Type = ColumnType.Integer }, new() { Name = "origin", Type = ColumnType.String }],
            Checks = [new() { Check = "entropy", Column = "origin", Parameters = new Dictionary<string, Parameter> { ["min"] = Given("0") } }],
            Anomalies = rules ?? [],
        };
        var workspace = new Workspace
        {
            Name = "test", Root = store.Folder, Storage = new StorageSettings(), ApiKeys = [], Hash = "",
            Datasets = new Dictionary<string, DatasetDefinition> { ["flights"] = Definition }, Models = new Dictionary<string, Models.ModelDefinition>(),
        };
        Objects = wrap?.Invoke(store.Objects) ?? store.Objects;
        services = new ServiceCollection()
            .AddSingleton(workspace).AddSingleton(Objects).AddSingleton(store.Records).AddSingleton(TimeProvider.System)
            .AddSingleton<IDatasetHistory, DatasetHistory>().AddSeries().AddSingleton<ISignals, SignalRecords>().BuildServiceProvider();
    }

    public DatasetDefinition Definition { get; }

    public IObjectStore Objects { get; }

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public static Parameter Given(string text) => new([text], false, 1, 1);

    public static AnomalyDefinition Rule(string metric, string strategy, Severity severity, params (string Name, string Value)[] parameters) => new()
    {
        Metric = Given(metric), Strategy = Given(strategy), Severity = severity, Parameters = parameters.ToDictionary(p => p.Name, p => Given(p.Value)),
    };

    public async Task<MetricSeries> ReadAsync(string metric, MetricQuery? query = null) => (await Get<IMetricHistory>().ReadAsync("flights", [metric], query))[0];

    public static IEnumerable<double?> Values(MetricSeries series) => series.Points.Select(p => p.Value);

    /// <summary>One drop with the given periods: delays of each row, null = empty.</summary>
    public async Task<Commit> DropAsync(params (string Key, int?[] Delays, int Quarantined)[] periods)
    {
        var file = $"drop-{++drops}.csv";
        return await DropAsync(file, periods);
    }

    public async Task<Commit> DropAsync(string file, params (string Key, int?[] Delays, int Quarantined)[] periods)
    {
        var drop = $"{file}-{periods.Sum(p => p.Delays.Length)}-{++drops}";
        var entries = new List<PartitionEntry>();
        foreach (var (key, delays, quarantined) in periods)
        {
            var id = PartitionKey.Id(drop, "c1", key);
            var filled = delays.OfType<int>().Order().ToArray();
            await PutAsync(key, id, ".profile.json", new Profile
            {
                Rows = delays.Length,
                Columns = [Frequencies.Profile("delay", ColumnType.Integer, delays.Length - filled.Length, filled.Distinct().Select(v => (long)v).ToArray(), filled.GroupBy(v => v).Select(g => (long)g.Count()).ToArray())],
            });
            await PutAsync(key, id, ".checks.json", new PartitionChecks
            {
                Id = id,
                Checks = [new CheckResult { Check = "entropy", Column = "origin", Outcome = Outcome.Passed, Value = delays.Length / 100.0, Expectation = "entropy >= 0", Severity = Severity.Info }],
            });
            await PutAsync(key, id, ".json", new PartitionManifest
            {
                Id = id, Dataset = "flights", Key = key, Rows = delays.Length, Bytes = 1, Sha256 = "", Drop = drop, ContractVersion = "c1", CodeVersion = "", Columns = ["delay"], Quarantined = quarantined,
            });
            entries.Add(new PartitionEntry { Id = id, Key = key, Path = PartitionKey.DataPath("flights", key, id, ".parquet"), Rows = delays.Length, Bytes = 1, Sha256 = "" });
        }

        return (await Get<IDatasetHistory>().AppendAsync("flights", (commits, version) => new Commit
        {
            Dataset = "flights", Version = version, Drop = drop, File = file, Bytes = 1, WrittenAt = new DateTimeOffset(2001, 6, 1, 0, 0, version, TimeSpan.Zero), By = "test", Run = $"ingest-{version}",
            ContractVersion = "c1", CodeVersion = "", Quarantined = 0,
            Partitions = [.. entries.Select(e => e with { Supersedes = [.. DatasetHistory.Current(commits).Where(p => p.Commit.File == file && p.Key == e.Key).Select(p => p.Id)] })],
        }))!;
    }

    /// <summary>A drop of one day with so many rows.</summary>
    public Task<Commit> DayAsync(string key, int rows) => DropAsync((key, [.. Enumerable.Range(0, rows).Select(i => (int?)i)], 0));

    public void Dispose()
    {
        services.Dispose();
        store.Dispose();
    }

    private async Task PutAsync<T>(string key, string id, string extension, T value) =>
        await Objects.PutAsync(PartitionKey.DataPath("flights", key, id, extension), new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, ServerlessJson.Options)));
}
