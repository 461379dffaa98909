using System.Globalization;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Storage;

namespace Serverless.Monitoring;

/// <summary>What a version answered lately, from the prediction log.</summary>
internal sealed class ServedPredictions(IObjectStore objects, IDataEngine engine)
{
    // The newest files are enough to know a distribution.
    private const int MostFiles = 2000;
    private const int FilesAtOnce = 100;

    /// <summary>The answers as one column: probability, class or value; null when there are none.</summary>
    public async Task<TableColumn?> ReadAsync(ModelVersion version, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var keys = await KeysAsync(version, from, to, cancel);
        var answers = new List<string>();
        foreach (var some in keys.TakeLast(MostFiles).Chunk(FilesAtOnce)) answers.AddRange(await AnswersAsync(some, version, from, to, cancel));
        if (answers.Count == 0) return null;
        if (version.Schema.Task == TaskKind.Multiclass)
        {
            var classes = answers.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select((c, i) => (c, i)).ToDictionary(c => c.c, c => c.i, StringComparer.Ordinal);
            return new StringColumn("served", [.. answers.Select(a => classes[a])], [.. classes.Keys], null);
        }

        return new NumberColumn("served", [.. answers.Select(a => double.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) ? v : double.NaN)], null);
    }

    /// <summary>How many of the answers were about rows that were flagged; null when there are none.</summary>
    public async Task<OutlierShare?> OutliersAsync(ModelVersion version, DateTimeOffset from, DateTimeOffset to, double limit, CancellationToken cancel)
    {
        long rows = 0, flagged = 0;
        foreach (var some in (await KeysAsync(version, from, to, cancel)).TakeLast(MostFiles).Chunk(FilesAtOnce))
        {
            await TableAsync(some, [new ColumnDefinition { Name = "outlier_reasons", Type = ColumnType.String }], version, from, to, (table, row) =>
            {
                rows++;
                if (((StringColumn)table["outlier_reasons"])[row] is not null) flagged++;
            }, cancel);
        }

        return OutlierShare.Of(rows, flagged, limit);
    }

    private async Task<List<string>> KeysAsync(ModelVersion version, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var keys = new List<string>();
        var prefix = $"{StoreNames.Containers.Predictions}/{version.Model}/date=";
        var (first, last) = (prefix + Date(from), prefix + Date(to) + "/~");
        await foreach (var found in objects.ListAsync(prefix, after: first, cancel: cancel))
        {
            if (string.CompareOrdinal(found.Key, last) > 0) break;
            if (found.Key.EndsWith(".parquet", StringComparison.Ordinal)) keys.Add(found.Key);
        }

        return keys;
    }

    private async Task<IEnumerable<string>> AnswersAsync(string[] keys, ModelVersion version, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var answers = new List<string>();
        // The list of outputs as text, "[0.1873]": the engine's tables have no lists.
        await TableAsync(keys, [new ColumnDefinition { Name = "outputs", Type = ColumnType.String }, new ColumnDefinition { Name = "prediction", Type = ColumnType.String }], version, from, to, (table, row) =>
        {
            if ((version.Schema.Task == TaskKind.Multiclass ? ((StringColumn)table["prediction"])[row] : ((StringColumn)table["outputs"])[row]?.Trim('[', ']')) is { } answer) answers.Add(answer);
        }, cancel);
        return answers;
    }

    /// <summary>Calls <paramref name="each"/> for every record of the version and the time.</summary>
    private async Task TableAsync(string[] keys, ColumnDefinition[] columns, ModelVersion version, DateTimeOffset from, DateTimeOffset to, Action<Table, int> each, CancellationToken cancel)
    {
        var files = new List<LocalObject>(keys.Length);
        try
        {
            foreach (var key in keys)
            {
                try
                {
                    files.Add(await objects.MaterialiseAsync(key, cancel));
                }
                catch (ObjectMissingException)
                {
                    continue; // the open file of an hour is replaced by its successor
                }
            }

            var table = await engine.ReadAsync([.. files.Select(f => f.Path)],
                [new ColumnDefinition { Name = "time", Type = ColumnType.Timestamp }, new ColumnDefinition { Name = "version", Type = ColumnType.Integer }, .. columns], cancel);
            var (times, versions) = ((TimestampColumn)table["time"], (IntegerColumn)table["version"]);
            for (var i = 0; i < table.Rows; i++)
            {
                if (versions.Values[i] == version.Version && times.Ticks[i] >= from.UtcTicks && times.Ticks[i] < to.UtcTicks) each(table, i);
            }
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }

    private static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
