using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Tables;

/// <summary>Columns of several Parquet files, written under different versions of a contract perhaps, as one query.</summary>
internal static class ParquetFiles
{
    /// <summary>Rows in the order of the files; a column that a file lacks is null, one of another type is cast.</summary>
    /// <param name="finite">NaN and infinity, which another program may have stored, are null.</param>
    public static string Select(Session session, IReadOnlyList<string> paths, IReadOnlyList<RawColumn> columns, CancellationToken cancel, bool finite = false)
    {
        if (paths.Count == 0) return $"SELECT {string.Join(", ", columns.Select(c => $"NULL::{Sql.Type(c.Type)} AS {Sql.Name(c.Name)}"))} WHERE false";
        var relation = $"read_parquet({Sql.Paths(paths)}, union_by_name=true, hive_partitioning=false)";
        var found = session.Rows($"DESCRIBE SELECT * FROM {relation}", cancel).ToDictionary(r => (string)r[0]!, r => (string)r[1]!, StringComparer.Ordinal);
        var cells = columns.Select(c => !found.TryGetValue(c.Name, out var type) ? $"NULL::{Sql.Type(c.Type)} AS {Sql.Name(c.Name)}"
            : finite && c.Type == ColumnType.Number ? $"{DetectedFile.Cell(Sql.Name(c.Name), type, c.Type)} AS {Sql.Name(c.Name)}"
            : type == Sql.Type(c.Type) ? Sql.Name(c.Name)
            : $"CAST({Sql.Name(c.Name)} AS {Sql.Type(c.Type)}) AS {Sql.Name(c.Name)}");
        return $"SELECT {string.Join(", ", cells)} FROM {relation}";
    }

    /// <summary>As many as fit into one table.</summary>
    public static int Rows(Session session, IReadOnlyList<string> paths, CancellationToken cancel) => checked((int)Count(session, paths, cancel));

    /// <summary>By the footers of the files.</summary>
    public static long Count(Session session, IReadOnlyList<string> paths, CancellationToken cancel) => Convert.ToInt64(
        session.Rows($"SELECT CAST(sum(num_rows) AS BIGINT) FROM parquet_file_metadata({Sql.Paths(paths)})", cancel)[0][0], CultureInfo.InvariantCulture);
}
