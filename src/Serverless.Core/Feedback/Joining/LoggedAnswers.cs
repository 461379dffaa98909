using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Storage;

namespace Serverless.Feedback;

/// <summary>A prediction as the log has it.</summary>
/// <param name="Key">The caller's name for it.</param>
/// <param name="Subject">Hash of the subject that the rollout chose for.</param>
/// <param name="Inputs">The row as JSON; null unless asked for.</param>
internal sealed record LoggedAnswer(
    string Id, DateTimeOffset Time, int Version, string Role, string? Key, string? Rollout, string? Variant, string? Assignment, string? Subject, double[] Outputs, string Prediction, string? Inputs);

/// <summary>Reads rows of the prediction log: only the files, columns and rows that are wanted.</summary>
internal sealed class LoggedAnswers(IObjectStore objects, IDataEngine engine)
{
    private const int FilesAtOnce = 50;
    private static readonly string[] Texts = ["id", "role", "key", "rollout", "variant", "assignment", "subject_hash", "outputs", "prediction"];

    /// <summary>Files of predictions made from one hour to another, both included, in the order of time.</summary>
    public async IAsyncEnumerable<ObjectInfo> FilesAsync(string model, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancel)
    {
        var prefix = $"{StoreNames.Containers.Predictions}/{model}/date=";
        var (first, last) = (prefix + Hour(from), prefix + Hour(to) + "/~");
        await foreach (var found in objects.ListAsync(prefix, after: first, cancel: cancel))
        {
            if (string.CompareOrdinal(found.Key, last) > 0) yield break;
            if (found.Key.EndsWith(".parquet", StringComparison.Ordinal)) yield return found;
        }
    }

    /// <summary>The hour that a file is of; null when its name does not say.</summary>
    public static DateTimeOffset? HourOf(string key)
    {
        var (date, hour) = (key.IndexOf("/date=", StringComparison.Ordinal), key.IndexOf("/hour=", StringComparison.Ordinal));
        return date > 0 && hour > 0 && DateTimeOffset.TryParseExact($"{key.AsSpan(date + 6, 10)}T{key.AsSpan(hour + 6, 2)}", "yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
    }

    /// <summary>Rows of the files that are wanted. A file that is gone meanwhile (the open file of an hour, closed under the same name, is not) has none.</summary>
    /// <param name="inputs">Whether the rows as sent are wanted too.</param>
    public async Task<List<LoggedAnswer>> ReadAsync(IReadOnlyList<string> keys, bool inputs, Func<LogRows, int, bool> wanted, CancellationToken cancel)
    {
        var found = new List<LoggedAnswer>();
        foreach (var some in keys.Chunk(FilesAtOnce))
        {
            var files = new List<LocalObject>(some.Length);
            try
            {
                foreach (var key in some)
                {
                    try
                    {
                        files.Add(await objects.MaterialiseAsync(key, cancel));
                    }
                    catch (ObjectMissingException)
                    {
                        continue;
                    }
                }

                if (files.Count == 0) continue;
                string[] texts = inputs ? [.. Texts, "inputs"] : Texts;
                var table = await engine.ReadAsync([.. files.Select(f => f.Path)],
                [
                    new ColumnDefinition { Name = "time", Type = ColumnType.Timestamp }, new ColumnDefinition { Name = "version", Type = ColumnType.Integer },
                    .. texts.Select(t => new ColumnDefinition { Name = t, Type = ColumnType.String }),
                ], cancel);
                var rows = new LogRows(table, inputs);
                for (var i = 0; i < table.Rows; i++) if (wanted(rows, i)) found.Add(rows[i]);
            }
            finally
            {
                files.ForEach(f => f.Dispose());
            }
        }

        return found;
    }

    private static string Hour(DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd}/hour={at.UtcDateTime:HH}");
}

/// <summary>Rows of the log in memory, of which few may be wanted.</summary>
internal sealed class LogRows(Table table, bool inputs)
{
    private readonly TimestampColumn times = (TimestampColumn)table["time"];
    private readonly IntegerColumn versions = (IntegerColumn)table["version"];
    private readonly StringColumn ids = Text(table, "id"), roles = Text(table, "role"), keys = Text(table, "key"), rollouts = Text(table, "rollout"), variants = Text(table, "variant"),
        assignments = Text(table, "assignment"), subjects = Text(table, "subject_hash"), outputs = Text(table, "outputs"), predictions = Text(table, "prediction");

    private readonly StringColumn? sent = inputs ? Text(table, "inputs") : null;

    public string Id(int row) => ids[row] ?? "";

    public string? Key(int row) => keys[row];

    public string? Rollout(int row) => rollouts[row];

    public string? Inputs(int row) => sent?[row];

    public DateTimeOffset Time(int row) => new(times.Ticks[row], TimeSpan.Zero);

    public LoggedAnswer this[int row] => new(
        Id(row), Time(row), (int)versions.Values[row], roles[row] ?? "", Key(row), Rollout(row), variants[row], assignments[row], subjects[row], Numbers(outputs[row]), predictions[row] ?? "", Inputs(row));

    /// <summary>The value of a column of a row as it was sent, as text; null when it is not there.</summary>
    public static string? Field(string? inputs, string column)
    {
        if (inputs is null || !inputs.Contains(column, StringComparison.Ordinal)) return null;
        try
        {
            using var document = JsonDocument.Parse(inputs);
            return document.RootElement.TryGetProperty(column, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value.ToString() : null;
        }
        catch (JsonException)
        {
            return null; // a row that was erased, or of a protocol that wrote no object
        }
    }

    private static StringColumn Text(Table table, string name) => (StringColumn)table[name];

    private static double[] Numbers(string? list) => list is null || list.Length < 3 ? []
        : [.. list.Trim('[', ']').Split(',').Select(t => double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) ? v : double.NaN)];
}
