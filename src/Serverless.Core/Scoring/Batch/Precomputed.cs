using System.Globalization;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.FeatureViews.Online;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Storage;

namespace Serverless.Scoring;

/// <summary>
/// Predictions made in advance, by key, in the form of an <see cref="OnlineTable"/>: a batch writes a generation of its own and then moves the head to it, so a reader has the whole old set or the whole new one.
/// Where a key stands in several rows, the last one counts.
/// </summary>
internal sealed class Precomputed(OnlineTable online, IModelRegistry registry, IDataEngine engine, IObjectStore objects)
{
    /// <summary>More keys than this are refused: they are put together in memory.</summary>
    public const long MostKeys = 5_000_000;

    private static readonly string[] Answer = ["prediction", "score", "version", "row"];

    /// <summary>Name of a model's set among the online tables; no view can have it.</summary>
    public static string Source(string model) => $"@{model}";

    /// <summary>Puts the predictions of a score run in the place of the earlier ones. Returns the number of keys; null when later ones are there already.</summary>
    public async Task<long?> WriteAsync(string run, ScoreState state, DateTimeOffset at, CancellationToken cancel)
    {
        var report = state.Report!;
        if (report.Rows > MostKeys) throw new DataException($"{report.Rows} rows cannot be served by key: at most {MostKeys}. Score fewer partitions ('window'), or leave out 'precompute'.");
        var schema = (await registry.FindAsync(state.Model, report.Version, cancel) ?? throw new DataException($"model '{state.Model}' has no version {report.Version} any more")).Schema;
        var values = Last(await ReadAsync(report, schema, state.Key, cancel), state.Key, at);
        var buckets = await online.WriteAsync(Source(state.Model), run, values, state.Key.Count, cancel);
        var moved = await online.MoveAsync(new OnlineHead
        {
            Source = Source(state.Model), Generation = run, At = at, DatasetVersion = state.DatasetVersion ?? 0, Keys = values.Rows, Buckets = buckets,
            Features = [.. values.Columns.Skip(state.Key.Count + 1).Select(c => c.Name)], Ttl = state.MaxAge, Newest = at,
        }, cancel);
        return moved ? values.Rows : null;
    }

    private async Task<Table> ReadAsync(ScoreReport report, ModelSchema schema, IReadOnlyList<string> key, CancellationToken cancel)
    {
        var prediction = schema.Task switch { Models.TaskKind.Binary => ColumnType.Boolean, Models.TaskKind.Multiclass => ColumnType.String, _ => ColumnType.Number };
        ColumnType Type(string name) => name switch { "prediction" => prediction, "score" => ColumnType.Number, _ => ColumnType.Integer };
        var local = new List<LocalObject>();
        try
        {
            foreach (var path in report.Files) local.Add(await objects.MaterialiseAsync(path, cancel));
            return await engine.ReadAsync([.. local.Select(l => l.Path)],
            [
                .. key.Select(k => new ColumnDefinition { Name = k, Type = schema.Inputs.FirstOrDefault(c => c.Name == k)?.Type ?? ColumnType.String }),
                .. Answer.Select(name => new ColumnDefinition { Name = name, Type = Type(name) }),
                .. schema.Task != Models.TaskKind.Multiclass ? [] : schema.Classes.Select(c => new ColumnDefinition { Name = $"probability_{c}", Type = ColumnType.Number }),
            ], cancel);
        }
        finally
        {
            local.ForEach(l => l.Dispose());
        }
    }

    /// <summary>The last row of each whole key: its parts as text, the time, the answer.</summary>
    private static Table Last(Table rows, IReadOnlyList<string> key, DateTimeOffset at)
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        var parts = new string?[rows.Rows][];
        for (var row = 0; row < rows.Rows; row++)
        {
            parts[row] = [.. key.Select(k => RejectFile.Cell(rows[k], row))];
            if (Array.TrueForAll(parts[row], p => p is not null) && !rows["prediction"].IsMissing(row)) last[OnlineTable.KeyText(parts[row]!)] = row;
        }

        int[] kept = [.. last.Values.Order()];
        var ticks = new long[kept.Length];
        Array.Fill(ticks, at.UtcTicks);
        return new Table(kept.Length,
        [
            .. key.Select((k, i) => (TableColumn)new StringColumn(k, [.. Enumerable.Range(0, kept.Length)], [.. kept.Select(row => parts[row][i]!)], null)),
            new TimestampColumn("_time", ticks, null),
            .. TableRows.Take(new Table(rows.Rows, [.. rows.Columns.Where(c => !key.Contains(c.Name))]), kept).Columns,
        ]);
    }
}

/// <summary>Reads predictions that were made in advance.</summary>
internal sealed class PrecomputedReader(OnlineTable online, TimeProvider time) : IPrecomputedPredictions
{
    public async Task<PrecomputedPrediction?> FindAsync(string model, IReadOnlyList<string> key, CancellationToken cancel = default)
    {
        var (head, value) = await online.ReadAsync(Precomputed.Source(model), OnlineTable.KeyText(key), cancel).ConfigureAwait(false);
        if (head is null || value is null) return null;
        var cells = head.Features.Select((name, i) => (name, value.Values[i])).Where(c => c.Item2 is not null).ToDictionary(c => c.name, c => c.Item2!.Value, StringComparer.Ordinal);
        var age = time.GetUtcNow() - head.At;
        var row = cells["row"].GetInt64();
        return new PrecomputedPrediction
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{head.Generation}/{row}"), Model = model, Key = key, Version = cells["version"].GetInt32(), Prediction = cells["prediction"], Score = cells["score"].GetDouble(),
            Probabilities = cells.Where(c => c.Key.StartsWith(Probability, StringComparison.Ordinal)).ToDictionary(c => c.Key[Probability.Length..], c => c.Value.GetDouble(), StringComparer.Ordinal),
            Run = head.Generation, At = head.At, Age = age, Stale = head.Ttl is { } ttl && age > ttl,
        };
    }

    private const string Probability = "probability_";

    public async Task<PrecomputedSet?> FindSetAsync(string model, CancellationToken cancel = default) =>
        await online.HeadAsync(Precomputed.Source(model), cancel).ConfigureAwait(false) is { } found
            ? new PrecomputedSet(found.Head.Generation, found.Head.At, found.Head.Keys, found.Head.Ttl) : null;
}

/// <summary>Predictions that were made in advance, by key.</summary>
public interface IPrecomputedPredictions
{
    /// <summary>Null when there is none for the key. One that is too old is returned as <see cref="PrecomputedPrediction.Stale"/>.</summary>
    /// <param name="key">A text for each column of the key, in their order.</param>
    Task<PrecomputedPrediction?> FindAsync(string model, IReadOnlyList<string> key, CancellationToken cancel = default);

    /// <summary>What is served of a model; null when nothing is.</summary>
    Task<PrecomputedSet?> FindSetAsync(string model, CancellationToken cancel = default);
}

/// <param name="Run">The score run that made them.</param>
/// <param name="At">When it was asked for.</param>
public sealed record PrecomputedSet(string Run, DateTimeOffset At, int Keys, TimeSpan? MaxAge);

/// <summary>One of them.</summary>
public sealed record PrecomputedPrediction
{
    /// <summary>RUN/ROW, by which the prediction can be replayed.</summary>
    public required string Id { get; init; }

    public required string Model { get; init; }

    public required IReadOnlyList<string> Key { get; init; }

    public required int Version { get; init; }

    /// <summary>A truth, a class or a number.</summary>
    public required JsonElement Prediction { get; init; }

    public required double Score { get; init; }

    /// <summary>Of several classes; else empty.</summary>
    public required IReadOnlyDictionary<string, double> Probabilities { get; init; }

    public required string Run { get; init; }

    public required DateTimeOffset At { get; init; }

    public required TimeSpan Age { get; init; }

    /// <summary>Older than the model's <c>maxAge</c>.</summary>
    public required bool Stale { get; init; }
}
