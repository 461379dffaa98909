using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// A database of its own that holds a copy of the rows and nothing else, closed against files, the network and settings before the first query of somebody is run.
/// Bounded memory, bounded spill, bounded time.
/// </summary>
internal sealed class SqlSandbox : IDisposable
{
    private readonly string folder;
    private readonly Session session;
    private readonly string columns;
    private readonly SqlLimits limits;

    private SqlSandbox(string folder, Session session, string columns, SqlLimits limits) => (this.folder, this.session, this.columns, this.limits) = (folder, session, columns, limits);

    /// <param name="from">A session that sees the relation: the columns under their names, and <c>_key</c>.</param>
    public static SqlSandbox Open(Session from, string relation, IReadOnlyList<ColumnDefinition> columns, SqlLimits limits, CancellationToken cancel)
    {
        var folder = from.Scratch is { } scratch ? Directory.CreateDirectory(Path.Combine(scratch, "sql")).FullName : Directory.CreateTempSubdirectory("serverless-sql-").FullName;
        var names = string.Join(", ", columns.Select(c => Sql.Name(c.Name)));
        Session? session = null;
        try
        {
            var copy = Path.Combine(folder, "rows.parquet");
            from.Execute($"COPY (SELECT {names}, _key FROM {relation}) TO {Sql.Text(copy)} (FORMAT parquet)", cancel);
            session = Session.Open(folder);
            session.Execute($"CREATE TABLE _rows AS SELECT * FROM read_parquet({Sql.Path(copy)}, hive_partitioning=false)", cancel);
            File.Delete(copy);
            session.Execute("SET max_temp_directory_size='2GB'", cancel);
            session.Close([], cancel);
            return new SqlSandbox(folder, session, names, limits);
        }
        catch
        {
            session?.Dispose();
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>The number that a query answers about the rows of a period; null when it answers nothing.</summary>
    /// <exception cref="EngineException">It is not allowed, failed, took too long, or answers something else.</exception>
    public double? Ask(string query, string? where, long key, CancellationToken cancel)
    {
        if (SqlGate.Query(session, query, cancel) is { } refused) throw Wrong(refused);
        var period = key == Periods.NoKey ? "_key IS NULL" : $"_key = make_timestamp({key})";
        session.Execute($"CREATE OR REPLACE TEMP VIEW data AS SELECT {columns} FROM _rows WHERE {period}{(where is null ? "" : $" AND (\n{where}\n)")}", cancel);
        var rows = Convert.ToInt64(session.Rows("SELECT count(*) FROM _rows", cancel)[0][0], CultureInfo.InvariantCulture);
        var answer = limits.Rows(session, $"SELECT * FROM (\n{query.Trim().TrimEnd(';')}\n) LIMIT 2", rows, cancel);
        if (answer.Count != 1) throw Wrong($"it answers {(answer.Count == 0 ? "no row" : "more than one row")}; one number is expected.");
        if (answer[0].Length != 1) throw Wrong($"it answers {answer[0].Length} columns; one number is expected.");
        return answer[0][0] switch
        {
            null => null,
            bool yes => yes ? 1 : 0,
            System.Numerics.BigInteger large => (double)large,
            IConvertible number and not (string or DateTime) => number.ToDouble(CultureInfo.InvariantCulture),
            _ => throw Wrong("it answers no number."),
        };
    }

    public void Dispose()
    {
        session.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static EngineException Wrong(string why) => new(why, DuckDB.NET.Native.DuckDBErrorType.InvalidInput);
}
