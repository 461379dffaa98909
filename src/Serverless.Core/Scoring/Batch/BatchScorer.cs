using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring.Predictors;

namespace Serverless.Scoring;

/// <summary>Scores a table with one version, through the plan and the predictor that answer a request.</summary>
public static class BatchScorer
{
    private const int ChunkRows = 8_192;

    /// <summary>Rows whose features are in memory at once.</summary>
    private const int BlockRows = 131_072;

    /// <summary>
    /// The table's inputs with what the model says about each row: <c>row</c> (from 1), the inputs, <c>version</c>, <c>prediction</c>, <c>score</c>, and for
    /// multiclass <c>probability_&lt;class&gt;</c>. A row without a finite answer has no prediction.
    /// </summary>
    /// <exception cref="DataException">A column that the model requires is empty throughout.</exception>
    public static Table Score(IScoringPipeline pipeline, Table table, IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        Require(pipeline.Schema, table);
        return Score(pipeline, table, new BatchColumns(Numbers(table.Rows), [], true, null), progress, cancel);
    }

    /// <summary>The same with the rows' own numbers, key columns before the inputs, and the run's name after all.</summary>
    public static Table Score(IScoringPipeline pipeline, Table table, BatchColumns kept, IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        var schema = pipeline.Schema;
        var outputs = Outputs(pipeline, table, progress, cancel);
        var width = schema.Outputs;
        var shape = new AnswerShape(schema);
        var missing = new bool[table.Rows];
        var predictions = new int[table.Rows];
        var scores = new double[table.Rows];
        for (var row = 0; row < table.Rows; row++)
        {
            var of = outputs.AsSpan(row * width, width);
            missing[row] = !AnswerShape.Finite(of);
            predictions[row] = missing[row] ? -1 : schema.Task == TaskKind.Multiclass ? shape.Best(of) : schema.Task == TaskKind.Binary && shape.IsTrue(of) ? 1 : 0;
            scores[row] = missing[row] ? 0 : shape.Score(of);
        }

        var versions = new long[table.Rows];
        Array.Fill(versions, pipeline.Version);
        TableColumn prediction = schema.Task switch
        {
            TaskKind.Binary => new BooleanColumn("prediction", Array.ConvertAll(predictions, p => p == 1), missing),
            TaskKind.Multiclass => new StringColumn("prediction", predictions, [.. schema.Classes], missing),
            _ => new NumberColumn("prediction", scores, missing),
        };
        return new Table(table.Rows,
        [
            new IntegerColumn("row", kept.Numbers, null),
            .. kept.Key.Where(table.Has).Select(k => table[k]),
            .. !kept.Inputs ? [] : schema.Inputs.Where(c => table.Has(c.Name) && !Reserved(c.Name, schema) && !kept.Key.Contains(c.Name)).Select(c => table[c.Name]),
            new IntegerColumn("version", versions, null),
            prediction,
            new NumberColumn("score", scores, missing),
            .. schema.Task != TaskKind.Multiclass ? [] : schema.Classes.Select((name, k) =>
                (TableColumn)new NumberColumn($"probability_{name}", [.. Enumerable.Range(0, table.Rows).Select(row => missing[row] ? 0 : outputs[row * width + k])], missing)),
            .. kept.Run is null ? [] : new TableColumn[] { new StringColumn("run", new int[table.Rows], [kept.Run], null) },
        ]);
    }

    /// <summary>Whether a column of this name would be taken for one of the answer.</summary>
    public static bool Reserved(string name, ModelSchema schema) =>
        name is "row" or "version" or "prediction" or "score" or "run" || schema.Classes.Any(c => name == $"probability_{c}");

    /// <summary>Answers of every row one after the other, <see cref="ModelSchema.Outputs"/> for each.</summary>
    public static double[] Outputs(IScoringPipeline pipeline, Table table, IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        if (pipeline is ScoringPipeline known) return Blocks(known, table, progress, cancel);
        var schema = pipeline.Schema;
        var width = schema.Outputs;
        var outputs = new double[checked(table.Rows * width)];
        var raw = new RawSchema(schema.Inputs);
        var loader = new RowLoader(table, raw);
        var chunks = (table.Rows + ChunkRows - 1) / ChunkRows;
        var done = 0;
        Parallel.For(0, chunks, new ParallelOptions { CancellationToken = cancel }, () => new Scratch(schema), (chunk, _, scratch) =>
        {
            for (var row = chunk * ChunkRows; row < Math.Min(table.Rows, (chunk + 1) * ChunkRows); row++)
            {
                loader.Load(row, scratch.Row);
                pipeline.Score(scratch.Row, scratch.Features, outputs.AsSpan(row * width, width));
            }

            progress?.Report(Interlocked.Increment(ref done) / (double)chunks);
            return scratch;
        }, static _ => { });
        return outputs;
    }

    // Features and answers of a block at a time, both on all cores: the same bits as row by row.
    private static double[] Blocks(ScoringPipeline pipeline, Table table, IProgress<double>? progress, CancellationToken cancel)
    {
        var width = pipeline.Schema.Outputs;
        var outputs = new double[checked(table.Rows * width)];
        for (var start = 0; start < table.Rows; start += BlockRows)
        {
            var rows = new int[Math.Min(BlockRows, table.Rows - start)];
            for (var i = 0; i < rows.Length; i++) rows[i] = start + i;
            pipeline.Predictor.PredictAll(pipeline.Features.Transform(table, rows, cancel), cancel).CopyTo(outputs, start * width);
            progress?.Report((double)(start + rows.Length) / table.Rows);
        }

        return outputs;
    }

    private static void Require(ModelSchema schema, Table table)
    {
        if (table.Rows == 0) throw new DataException("there are no rows to score");
        var absent = schema.Inputs.Where(c => c.Required && (!table.Has(c.Name) || table[c.Name].Missing is { } m && m.All(x => x))).Select(c => $"'{c.Name}'").ToArray();
        if (absent.Length == 0) return;
        var found = table.Columns.Where(c => c.Missing is null || !c.Missing.All(x => x)).Select(c => c.Name);
        throw new DataException($"the model requires {(absent.Length == 1 ? "column" : "columns")} {string.Join(", ", absent)}, which the rows do not have. Found: {string.Join(", ", found)}.");
    }

    private static long[] Numbers(int rows)
    {
        var numbers = new long[rows];
        for (var i = 0; i < rows; i++) numbers[i] = i + 1;
        return numbers;
    }
}

/// <summary>What stands beside the answers of a batch.</summary>
/// <param name="Numbers">Of each row.</param>
/// <param name="Key">Columns that say whose prediction it is.</param>
/// <param name="Inputs">Whether the model's inputs are kept.</param>
/// <param name="Run">Null = there is no column for it.</param>
public sealed record BatchColumns(long[] Numbers, IReadOnlyList<string> Key, bool Inputs, string? Run);
