using System.Globalization;
using System.Text.RegularExpressions;
using Serverless.Datasets;
using Serverless.DuckDb.Facts;
using Serverless.DuckDb.Sessions;
using Serverless.Erasure;
using Serverless.Problems;

namespace Serverless.DuckDb.Rows;

/// <summary>
/// Rows by condition. What a condition may read is copied into a table first; then the database is closed against files, the network and settings, and only then the
/// condition is run. Rows are named by their numbers, so that the file is written again by a database that never saw the condition.
/// </summary>
internal sealed class RowFilter : IRowFilter
{
    public Task<IReadOnlyList<string>> ColumnsAsync(DatasetDefinition dataset, string condition, CancellationToken cancel = default) => Task.Run(() =>
    {
        using var session = Session.Open();
        session.Execute($"CREATE TABLE data ({string.Join(", ", dataset.Columns.Select(c => $"{Sql.Name(c.Name)} {Sql.Type(c.Type)}"))})", cancel);
        session.Close([], cancel);
        RequestException No(string why, Exception? e = null) =>
            new($"that is no condition over dataset '{dataset.Name}': {why} Columns: {string.Join(", ", dataset.Columns.Select(c => c.Name))}.", e);
        if (SqlGate.Condition(session, condition, dataset.Columns, cancel) is { } refused) throw No(refused);
        List<object?[]> described;
        try
        {
            described = SqlLimits.Default.Rows(session, $"DESCRIBE SELECT (\n{condition}\n) AS answer FROM data", 0, cancel);
        }
        catch (EngineException e)
        {
            throw No(e.Short, e);
        }

        if (described is not [[_, "BOOLEAN", ..]])
        {
            throw new RequestException($"that is no condition over dataset '{dataset.Name}': it is no yes or no for each row. Compare a column with a value: \"customer_id = 7\".");
        }

        var read = Read(dataset, condition);
        return read.Count > 0 ? (IReadOnlyList<string>)[.. read.Select(c => c.Name)]
            : throw new RequestException($"the condition reads no column of dataset '{dataset.Name}', so it says the same of every row. Columns: {string.Join(", ", dataset.Columns.Select(c => c.Name))}.");
    }, cancel);

    public Task<IReadOnlyList<FoundRows>> FindAsync(IReadOnlyList<string> paths, RowForm form, DatasetDefinition dataset, string condition, CancellationToken cancel = default) =>
        InScratch(session =>
        {
            var columns = Read(dataset, condition);
            session.Execute($"CREATE TABLE data (_file BIGINT, _at BIGINT, _broken BOOLEAN{string.Concat(columns.Select(c => $", {Sql.Name(c.Name)} {Sql.Type(c.Type)}"))})", cancel);
            for (var i = 0; i < paths.Count; i++)
            {
                var relation = $"read_parquet({Sql.Path(paths[i])}, hive_partitioning=false, file_row_number=true)";
                var there = session.Rows($"DESCRIBE SELECT * FROM {relation}", cancel).ToDictionary(r => (string)r[0]!, r => (string)r[1]!, StringComparer.Ordinal);
                var cells = columns.Select(c => ", " + StoredCell.Of(c, form, there));
                session.Execute($"INSERT INTO data SELECT {i}, file_row_number, {StoredCell.Broken(form, there)}{string.Concat(cells)} FROM {relation}", cancel);
            }

            session.Close([], cancel);
            if (SqlGate.Condition(session, condition, dataset.Columns, cancel) is { } refused) throw new EngineException(refused, DuckDB.NET.Native.DuckDBErrorType.InvalidInput);
            var rows = session.Rows("SELECT _file, count(*) FROM data GROUP BY _file", cancel).ToDictionary(r => Whole(r[0]), r => Whole(r[1]));
            var matching = SqlLimits.Default.Run(stop => Numbers(session, $"(\n{condition}\n)", stop), rows.Values.Sum(), cancel);
            var broken = form == RowForm.Text ? Numbers(session, "_broken", cancel) : Enumerable.Empty<(long File, long Row)>().ToLookup(r => r.File, r => r.Row);
            return (IReadOnlyList<FoundRows>)[.. Enumerable.Range(0, paths.Count).Select(i => new FoundRows(rows.GetValueOrDefault(i), [.. matching[i]], [.. broken[i].Except(matching[i])]))];
        }, cancel);

    public Task RemoveAsync(string path, string to, RowForm form, IReadOnlyList<long> rows, CancellationToken cancel = default) => InScratch(session =>
    {
        session.Execute("SET threads=1; CREATE TABLE hit (number BIGINT)", cancel); // one thread: the same bytes each time
        session.Append("hit", rows.Count, (row, i) => row.AppendValue(rows[i]), cancel);
        var relation = $"read_parquet({Sql.Path(path)}, hive_partitioning=false, file_row_number=true)";
        const string Hit = "file_row_number IN (SELECT number FROM hit)";
        // Columns that came later say something of the row too: what was looked up for it, and what is unusual about it.
        string Later() => string.Concat(session.Rows($"DESCRIBE SELECT * FROM {relation}", cancel).Select(r => (string)r[0]!).Where(c => c is "looked_up" or "outlier_reasons")
            .Select(c => $", CASE WHEN {Hit} THEN NULL ELSE {c} END AS {c}"));
        var kept = form == RowForm.Predictions
            ? $"SELECT * EXCLUDE (file_row_number) REPLACE (CASE WHEN {Hit} THEN '{{}}' ELSE inputs END AS inputs, CASE WHEN {Hit} THEN NULL ELSE subject END AS subject{Later()}) FROM {relation} ORDER BY file_row_number"
            : $"SELECT * EXCLUDE (file_row_number) FROM {relation} WHERE NOT {Hit} ORDER BY file_row_number";
        session.Execute($"COPY ({kept}) TO {Sql.Text(to)} (FORMAT parquet, COMPRESSION zstd)", cancel);
        return true;
    }, cancel);

    /// <summary>Columns whose name the condition mentions: never fewer than those that it reads.</summary>
    private static List<ColumnDefinition> Read(DatasetDefinition dataset, string condition) =>
        [.. dataset.Columns.Where(c => Regex.IsMatch(condition, $@"(?<![\w]){Regex.Escape(c.Name)}(?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant))];

    private static ILookup<long, long> Numbers(Session session, string condition, CancellationToken cancel)
    {
        var found = new List<(long File, long Row)>();
        session.Read($"SELECT _file, _at FROM data WHERE {condition} ORDER BY _file, _at", (in Chunk chunk) =>
        {
            var files = chunk[0].Values<long>();
            var rows = chunk[1].Values<long>();
            for (var i = 0; i < chunk.Rows; i++) found.Add((files[i], rows[i]));
        }, cancel);
        return found.ToLookup(r => r.File, r => r.Row);
    }

    private static long Whole(object? value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);

    private static Task<T> InScratch<T>(Func<Session, T> work, CancellationToken cancel) => Task.Run(() =>
    {
        var scratch = Directory.CreateTempSubdirectory("serverless-").FullName;
        try
        {
            using var session = Session.Open(scratch);
            return work(session);
        }
        catch (EngineException e)
        {
            throw new DataException(e.Short, e);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }, cancel);
}
