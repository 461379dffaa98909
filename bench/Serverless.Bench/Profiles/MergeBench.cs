using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.DuckDb;
using Serverless.Local;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Profiles;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Bench.Profiles;

/// <summary>
/// Merging daily profiles of 50 columns: 20 numbers that never repeat, 10 integers of 300 different values a day, 10 texts of 200, 5 timestamps by the minute, 5 booleans; from
/// their binary states, from their JSON documents, from states that are in memory, and as the product does it: the documents read from a store, two cores.
/// </summary>
internal sealed class MergeBench : IBench
{
    private const int RowsADay = 20_000;
    private const int Days = 3_650;

    public string Name => "merge";

    public string Description => "3,650 daily profiles of 50 columns into one";

    public IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts => new Dictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>>
    {
        ["365-states"] = () => Merge(365, fromJson: false), ["365-json"] = () => Merge(365, fromJson: true),
        ["3650-states"] = () => Merge(Days, fromJson: false), ["3650-json"] = () => Merge(Days, fromJson: true), ["3650-merging"] = MergeOnlyAsync, ["3650-store"] = MergeStoreAsync,
    };

    public Task PrepareAsync() => Task.CompletedTask;

    public void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians)
    {
        foreach (var (part, figures) in medians)
        {
            Console.WriteLine($"  median {part}: {figures["seconds"]:0.000} s, {figures["msAProfile"]:0.000} ms a profile (limit 1 ms), {figures["kbAProfile"]:0} kB a document");
        }
    }

    // Thirty different days stand for all: each is parsed anew every time it comes.
    private static Task<IReadOnlyDictionary<string, double>> Merge(int days, bool fromJson)
    {
        byte[][] documents = [.. Enumerable.Range(0, 30).Select(d => JsonSerializer.SerializeToUtf8Bytes(Day(d).ToProfile(), ServerlessJson.Options))];
        var binary = documents.Select(d => StoredProfile.ReadState(d, "day")!.Columns.Select(c => c.ToBytes()).ToArray()).ToArray();
        var watch = Stopwatch.StartNew();
        var merged = ProfileState.Empty([]);
        for (var day = 0; day < days; day++)
        {
            merged.Merge(fromJson ? StoredProfile.ReadState(documents[day % 30], "day")! : new ProfileState(RowsADay, [.. binary[day % 30].Select(b => ColumnState.FromBytes(b))]));
        }

        var seconds = watch.Elapsed.TotalSeconds;
        if (merged.Rows != (long)days * RowsADay || merged.ToProfile().Columns.Count != 50) throw new InvalidOperationException("rows were lost");
        return Task.FromResult<IReadOnlyDictionary<string, double>>(new Dictionary<string, double>
        {
            ["seconds"] = seconds, ["msAProfile"] = seconds * 1000 / days, ["kbAProfile"] = documents.Average(d => d.Length) / 1000.0,
        });
    }

    // The states are there already: what merging itself costs.
    private static Task<IReadOnlyDictionary<string, double>> MergeOnlyAsync()
    {
        ProfileState[] states = [.. Enumerable.Range(0, 30).Select(d => StoredProfile.ReadState(JsonSerializer.SerializeToUtf8Bytes(Day(d).ToProfile(), ServerlessJson.Options), "day")!)];
        var watch = Stopwatch.StartNew();
        var merged = ProfileState.Empty([]);
        for (var day = 0; day < Days; day++) merged.Merge(states[day % 30]);
        var seconds = watch.Elapsed.TotalSeconds;
        if (merged.Rows != (long)Days * RowsADay || merged.ToProfile().Columns.Count != 50) throw new InvalidOperationException("rows were lost");
        return Task.FromResult<IReadOnlyDictionary<string, double>>(new Dictionary<string, double> { ["seconds"] = seconds, ["msAProfile"] = seconds * 1000 / Days, ["kbAProfile"] = 0 });
    }

    private static async Task<IReadOnlyDictionary<string, double>> MergeStoreAsync()
    {
        var store = BenchData.Made("profiles");
        var days = Enumerable.Range(0, 30).Select(Day).ToArray();
        byte[][] documents = [.. days.Select(d => JsonSerializer.SerializeToUtf8Bytes(d.ToProfile(), ServerlessJson.Options))];
        var dataset = new DatasetDefinition
        {
            Name = "days", File = "datasets/days.yaml", ContractVersion = "bench", Partition = new PartitionScheme("date", PartitionGrain.Day), Checks = [],
            Columns = [.. days[0].Columns.Select(c => new ColumnDefinition { Name = c.Name, Type = c.Type })],
        };
        var workspace = new Workspace
        {
            Name = "bench", Root = store, Storage = new StorageSettings { Folder = store }, ApiKeys = [], Hash = "", Models = new Dictionary<string, ModelDefinition>(),
            Datasets = new Dictionary<string, DatasetDefinition> { [dataset.Name] = dataset },
        };
        await using var services = new ServiceCollection().AddServerless(workspace).AddLocalStorage(store).AddDuckDb().BuildServiceProvider();
        var commit = new Commit
        {
            Dataset = dataset.Name, Version = 1, WrittenAt = DateTimeOffset.UnixEpoch, By = "bench", Run = "bench", File = "days.csv", Drop = "", Bytes = 0, Quarantined = 0, Partitions = [], ContractVersion = "bench", CodeVersion = "bench",
        };
        PartitionRecord[] partitions = [.. Enumerable.Range(0, Days).Select(d =>
        {
            var key = new DateTime(2001, 1, 1).AddDays(d).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            return new PartitionRecord(new PartitionEntry { Id = key, Key = key, Path = $"data/days/{key}.parquet", Rows = RowsADay, Bytes = 0, Sha256 = "" }, commit);
        })];
        var objects = services.GetRequiredService<IObjectStore>();
        foreach (var some in partitions.Index().Chunk(200))
        {
            await objects.PutAllIfAbsentAsync([.. some.Select(p => new NewObject(Path.ChangeExtension(p.Item.Entry.Path, ".profile.json"), () => new MemoryStream(documents[p.Index % 30])))]);
        }

        var watch = Stopwatch.StartNew();
        var merged = await services.GetRequiredService<IDatasetProfiles>().MergeAsync(dataset.Name, partitions);
        var seconds = watch.Elapsed.TotalSeconds;
        if (merged.Rows != (long)Days * RowsADay) throw new InvalidOperationException("rows were lost");
        return new Dictionary<string, double> { ["seconds"] = seconds, ["msAProfile"] = seconds * 1000 / Days, ["kbAProfile"] = documents.Average(d => d.Length) / 1000.0 };
    }

    private static ProfileState Day(int day)
    {
        var random = new Random(day);
        ColumnState Number(int c)
        {
            var state = new NumericState<double>($"number{c}", ColumnType.Number);
            double[] values = [.. Enumerable.Range(0, RowsADay).Select(_ => random.NextDouble() * 1000).Distinct().Order()];
            state.Add(values, [.. values.Select(_ => 1L)]);
            return state;
        }

        ColumnState Whole(string name, ColumnType type, int different, long start, long step)
        {
            var state = new NumericState<long>(name, type);
            state.Add([.. Enumerable.Range(0, different).Select(i => start + (i * step))], [.. Enumerable.Range(0, different).Select(_ => 1L + random.Next(2 * RowsADay / different))]);
            return state;
        }

        ColumnState Text(int c)
        {
            var state = new TextState($"text{c}");
            string[] values = [.. Enumerable.Range(0, 200).Select(i => $"value-{(i * 7919) + c}").Order(StringComparer.Ordinal)];
            state.Add(values, [.. values.Select(_ => 1L + random.Next(200))]);
            return state;
        }

        ColumnState Flag(int c)
        {
            var state = new BooleanState($"flag{c}");
            state.Add(random.Next(RowsADay), 100);
            return state;
        }

        return new ProfileState(RowsADay,
        [
            .. Enumerable.Range(0, 20).Select(Number), .. Enumerable.Range(0, 10).Select(c => Whole($"whole{c}", ColumnType.Integer, 300, -50, 1)),
            .. Enumerable.Range(0, 10).Select(Text), .. Enumerable.Range(0, 5).Select(c => Whole($"time{c}", ColumnType.Timestamp, 1_440, day * 86_400_000_000L, 60_000_000)),
            .. Enumerable.Range(0, 5).Select(Flag),
        ]);
    }
}
