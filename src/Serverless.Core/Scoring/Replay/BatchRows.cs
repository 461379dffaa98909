using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Storage;

namespace Serverless.Scoring;

/// <summary>Rows of batches: the predictions of a score run hold the inputs, looked-up ones too, beside the answers.</summary>
internal sealed class BatchRows(IRunEngine runs, IModelRegistry registry, IObjectStore objects, IDataEngine engine)
{
    /// <param name="id"><c>RUN/ROW</c>, rows from 1.</param>
    public async Task<LoggedPrediction> FindAsync(string id, CancellationToken cancel)
    {
        var at = id.LastIndexOf('/');
        var run = id[..at];
        if (!long.TryParse(id.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var row) || row < 1) throw new RequestException($"'{id}' names no row: expected RUN/ROW with rows from 1, such as score-20260131120000-abc123/17.");
        var record = await runs.FindAsync(run, cancel) ?? throw new RequestException($"there is no run '{run}'. 'serverless-ml runs' lists them.");
        if (record.Kind != "score") throw new RequestException($"run '{run}' is of kind '{record.Kind}'; only rows of batches (score) can be computed again.");
        var report = record.Data.Deserialize<ScoreState>(ServerlessJson.Options)?.Report ?? throw new RequestException($"run '{run}' has no predictions: it {(record.Status == RunStatus.Running ? "is under way" : "failed")}.");
        if (row > report.Rows + report.Rejected) throw new RequestException($"run '{run}' has {report.Rows + report.Rejected} rows; there is no row {row}.");
        var schema = (await registry.FindAsync(report.Model, report.Version, cancel))?.Schema;
        var (path, index) = await WhereAsync(report, row, cancel) ?? throw new RequestException($"row {row} of run '{run}' was rejected, so there is no prediction to make again; {string.Join(", ", report.Rejects)} says why.");
        using var file = await objects.MaterialiseAsync(path, cancel);
        var all = await engine.ReadDetectedAsync(file.Path, "predictions.parquet", cancel);
        var typed = schema is null ? all : await engine.ReadFileAsync(file.Path, "predictions.parquet", [.. schema.Inputs.Where(c => all.Has(c.Name))], cancel);
        return new LoggedPrediction
        {
            Id = id, Time = record.CreatedAt.UtcDateTime, Model = report.Model, Version = report.Version, Role = "batch", Inputs = Inputs(typed, index, schema),
            LookedUp = "{}", Outputs = Outputs(all, index, schema), Prediction = Prediction(all, index), Protocol = "batch",
        };
    }

    /// <summary>The file that holds a row, and its place there. Rows stand in the order of their numbers, in each file and from file to file; rejected ones are left out.</summary>
    private async Task<(string Path, int Index)?> WhereAsync(ScoreReport report, long row, CancellationToken cancel)
    {
        foreach (var path in report.Files.Count > 0 ? report.Files : [report.Path])
        {
            using var file = await objects.MaterialiseAsync(path, cancel);
            var numbers = ((IntegerColumn)(await engine.ReadAsync([file.Path], [new ColumnDefinition { Name = "row", Type = ColumnType.Integer }], cancel))["row"]).Values;
            if (Array.BinarySearch(numbers, row) is >= 0 and var index) return (path, index);
        }

        return null;
    }

    private static string Inputs(Table table, int row, ModelSchema? schema)
    {
        var json = new JsonObject();
        foreach (var column in table.Columns.Where(c => schema is null ? c.Name is not ("row" or "version" or "prediction" or "score" or "run") && !c.Name.StartsWith("probability_", StringComparison.Ordinal) : schema.Inputs.Any(i => i.Name == c.Name)))
        {
            json[column.Name] = column.Missing is { } m && m[row] ? null : column switch
            {
                IntegerColumn c => c.Values[row],
                NumberColumn c => c.Values[row],
                BooleanColumn c => c.Values[row],
                TimestampColumn c => new DateTime(c.Ticks[row], DateTimeKind.Utc),
                StringColumn c => c[row],
                _ => null,
            };
        }

        return json.ToJsonString();
    }

    private static double[] Outputs(Table table, int row, ModelSchema? schema)
    {
        if (table["score"].Missing is { } m && m[row]) return [];
        return schema?.Task == TaskKind.Multiclass ? [.. schema.Classes.Select(c => Number(table[$"probability_{c}"], row))] : [Number(table["score"], row)];
    }

    private static string Prediction(Table table, int row) => table["prediction"] switch
    {
        { Missing: { } m } when m[row] => "",
        BooleanColumn c => c.Values[row] ? "true" : "false",
        StringColumn c => c[row] ?? "",
        { } c => Number(c, row).ToString("R", CultureInfo.InvariantCulture),
    };

    private static double Number(TableColumn column, int row) => column switch
    {
        NumberColumn c => c.Values[row],
        IntegerColumn c => c.Values[row],
        _ => double.NaN,
    };
}
