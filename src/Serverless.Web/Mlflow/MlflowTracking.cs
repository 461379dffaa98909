using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Web.Mlflow;

/// <summary>
/// Experiments and runs that MLflow's clients log, in table <c>mlflow</c>: <c>experiments</c> (row = id), <c>names</c> (row = hash of the name: who inserts it has the name), <c>runs-EXPERIMENT</c>
/// (row = run), <c>where</c> (row = run, tells its experiment) and <c>metrics-RUN</c> (one row for each batch).
/// </summary>
internal sealed class MlflowTracking(IRecordStore records, TimeProvider time, IdSource ids)
{
    public const string DefaultExperiment = "0";

    private const string Table = StoreNames.Tables.Mlflow;
    private const string Experiments = "experiments", Names = "names", Where = "where";
    private const int Tries = 50;

    public async IAsyncEnumerable<MlflowExperiment> ExperimentsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var defaultSeen = false;
        await foreach (var row in records.QueryAsync(Table, Experiments, cancel: cancel))
        {
            var experiment = Read<MlflowExperiment>(row);
            defaultSeen |= experiment.ExperimentId == DefaultExperiment;
            yield return experiment;
        }

        if (!defaultSeen) yield return Default;
    }

    public async Task<MlflowExperiment?> FindExperimentAsync(string id, CancellationToken cancel) =>
        Safe(id) && await records.GetAsync(Table, Experiments, id, cancel) is { } row ? Read<MlflowExperiment>(row) : id == DefaultExperiment ? Default : null;

    public async Task<MlflowExperiment?> FindExperimentByNameAsync(string name, CancellationToken cancel) =>
        name == Default.Name ? await FindExperimentAsync(DefaultExperiment, cancel)
        : await records.GetAsync(Table, Names, Hash(name), cancel) is { } row ? await FindExperimentAsync(Read<NameRecord>(row).Id, cancel) : null;

    public async Task<MlflowExperiment> CreateExperimentAsync(string name, string? location, IReadOnlyList<MlflowPair> tags, CancellationToken cancel)
    {
        // Digits, as MLflow's own ids, which some clients turn into numbers.
        var id = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().ToUnixTimeMilliseconds()}{Math.Abs(BitConverter.ToInt32(SHA256.HashData(Encoding.ASCII.GetBytes(ids.Next(12))))) % 100_000:D5}");
        var now = Now();
        var experiment = new MlflowExperiment
        {
            ExperimentId = id, Name = name, ArtifactLocation = string.IsNullOrEmpty(location) ? $"{MlflowArtifacts.Scheme}/experiments/{id}" : location, CreationTime = now, LastUpdateTime = now, Tags = tags,
        };
        // The experiment before its name: a name that leads nowhere would be taken for ever.
        await records.InsertAsync(Table, Experiments, id, Write(experiment), cancel);
        if (name != Default.Name && await records.InsertAsync(Table, Names, Hash(name), Write(new NameRecord(id)), cancel) is not null) return experiment;
        await records.DeleteAsync(Table, Experiments, id, cancel: cancel);
        throw MlflowException.Exists($"Experiment(name={name}) already exists.");
    }

    public async Task<MlflowExperiment> ChangeExperimentAsync(string id, Func<MlflowExperiment, MlflowExperiment> change, CancellationToken cancel)
    {
        for (var i = 0; i < Tries; i++)
        {
            var row = Safe(id) ? await records.GetAsync(Table, Experiments, id, cancel) : null;
            if (row is null && id != DefaultExperiment) throw NoExperiment(id);
            var after = change(row is null ? Default : Read<MlflowExperiment>(row)) with { LastUpdateTime = Now() };
            var done = row is null ? await records.InsertAsync(Table, Experiments, id, Write(after), cancel) : await records.ReplaceAsync(Table, Experiments, id, Write(after), row.ETag, cancel);
            if (done is not null) return after;
        }

        throw Busy($"experiment '{id}'");
    }

    public async Task RenameExperimentAsync(MlflowExperiment experiment, string name, CancellationToken cancel)
    {
        if (name == experiment.Name) return;
        if (await records.InsertAsync(Table, Names, Hash(name), Write(new NameRecord(experiment.ExperimentId)), cancel) is null) throw MlflowException.Exists($"Experiment(name={name}) already exists.");
        await ChangeExperimentAsync(experiment.ExperimentId, e => e with { Name = name }, cancel);
        await records.DeleteAsync(Table, Names, Hash(experiment.Name), cancel: cancel);
    }

    public async IAsyncEnumerable<MlflowRun> RunsAsync(string experiment, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (!Safe(experiment)) yield break;
        await foreach (var row in records.QueryAsync(Table, "runs-" + experiment, cancel: cancel)) yield return Read<MlflowRun>(row);
    }

    public async Task<MlflowRun?> FindRunAsync(string id, CancellationToken cancel) => await RowAsync(id, cancel) is { } row ? Read<MlflowRun>(row) : null;

    public async Task<MlflowRun> CreateRunAsync(string experiment, string user, string name, long? start, IReadOnlyList<MlflowPair> tags, CancellationToken cancel)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(ids.Next(26))).AsSpan(0, 16));
        var run = new MlflowRun
        {
            Info = new MlflowRunInfo
            {
                RunId = id, RunName = name, ExperimentId = experiment, UserId = user, Status = "RUNNING", StartTime = start ?? Now(), ArtifactUri = $"{MlflowArtifacts.Scheme}/experiments/{experiment}/{id}/artifacts",
            },
            Data = new MlflowRunData { Tags = tags },
        };
        await records.InsertAsync(Table, Where, id, Write(new NameRecord(experiment)), cancel);
        await records.InsertAsync(Table, "runs-" + experiment, id, Write(run), cancel);
        return run;
    }

    public async Task<MlflowRun> ChangeRunAsync(string id, Func<MlflowRun, MlflowRun> change, CancellationToken cancel)
    {
        for (var i = 0; i < Tries; i++)
        {
            var row = await RowAsync(id, cancel) ?? throw NoRun(id);
            var after = Write(change(Read<MlflowRun>(row)));
            if (after.Length > RecordKey.MaxJson) throw MlflowException.Invalid($"Run '{id}' would have {after.Length} characters of parameters, tags and metric names; at most {RecordKey.MaxJson} are kept.");
            if (await records.ReplaceAsync(Table, row.Partition, id, after, row.ETag, cancel) is not null) return Read<MlflowRun>(row with { Json = after });
        }

        throw Busy($"run '{id}'");
    }

    /// <summary>Keeps the values, in the order in which they came.</summary>
    public async Task AppendMetricsAsync(string run, IReadOnlyList<MlflowMetric> metrics, CancellationToken cancel)
    {
        foreach (var some in metrics.Chunk(1000))
        {
            var row = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().UtcTicks:D19}-{ids.Next(10)}");
            await records.InsertAsync(Table, "metrics-" + run, row, Write(new MetricsRecord(some)), cancel);
        }
    }

    /// <summary>Every value of a metric, each once (a client that repeats a request after a time-out sends it twice), by step and time.</summary>
    public async Task<IReadOnlyList<MlflowMetric>> HistoryAsync(string run, string key, CancellationToken cancel)
    {
        var found = new HashSet<MlflowMetric>();
        await foreach (var row in records.QueryAsync(Table, "metrics-" + run, cancel: cancel)) found.UnionWith(Read<MetricsRecord>(row).Metrics.Where(m => m.Key == key));
        return [.. found.OrderBy(m => m.Step).ThenBy(m => m.Timestamp)];
    }

    public static MlflowException NoRun(string id) => MlflowException.Missing($"Run '{id}' not found");

    public static MlflowException NoExperiment(string id) => MlflowException.Missing($"No Experiment with id={id} exists");

    private static MlflowExperiment Default { get; } = new() { ExperimentId = DefaultExperiment, Name = "Default", ArtifactLocation = $"{MlflowArtifacts.Scheme}/experiments/0" };

    private static MlflowException Busy(string what) => new("TEMPORARILY_UNAVAILABLE", $"{what} is being changed by many at once; try again");

    private async Task<StoredRecord?> RowAsync(string id, CancellationToken cancel) =>
        Safe(id) && await records.GetAsync(Table, Where, id, cancel) is { } where ? await records.GetAsync(Table, "runs-" + Read<NameRecord>(where).Id, id, cancel) : null;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    // A name may have any characters; a key of a record may not.
    private static string Hash(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    internal static bool Safe(string id) => id.Length is > 0 and < 200 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    internal static string Write<T>(T value) => JsonSerializer.Serialize(new Versioned<T>(1, value), MlflowJson.Options);

    internal static T Read<T>(StoredRecord row)
    {
        try
        {
            var read = JsonSerializer.Deserialize<Versioned<T>>(row.Json, MlflowJson.Options);
            if (read is { SchemaVersion: > 1 }) throw new EnvironmentException($"'{row.Row}' of table '{Table}' has schemaVersion {read.SchemaVersion}; this program knows up to 1: update it");
            return read is { Value: { } value } ? value : throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new EnvironmentException($"'{row.Row}' of table '{Table}' is damaged: {e.Message}", e);
        }
    }

    private sealed record Versioned<T>(int SchemaVersion, T Value);

    private sealed record NameRecord(string Id);

    private sealed record MetricsRecord(IReadOnlyList<MlflowMetric> Metrics);
}
