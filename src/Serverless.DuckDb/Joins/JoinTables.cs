using DuckDB.NET.Native;
using Serverless.Datasets;
using Serverless.DuckDb.Facts;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Joins;

/// <summary>The datasets that a join can name, in a database that reads nothing else: not other files, not the network, no settings.</summary>
internal static class JoinTables
{
    public const string Result = "_result";

    /// <param name="rows">What each dataset's rows are selected from.</param>
    /// <param name="files">Files that those queries read; nothing else can be read from then on.</param>
    public static void Open(Session session, IEnumerable<(DatasetDefinition Dataset, string Rows)> rows, IReadOnlyList<string> files, CancellationToken cancel)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (dataset, select) in rows)
        {
            seen.Add(dataset.Name);
            session.Execute($"CREATE VIEW {Sql.Name(dataset.Name)} AS {select}", cancel);
        }

        // A name with hyphens needs quotes in SQL; with underscores it does not.
        foreach (var (dataset, _) in rows.Where(r => seen.Add(Plain(r.Dataset))))
        {
            session.Execute($"CREATE VIEW {Sql.Name(Plain(dataset))} AS SELECT * FROM {Sql.Name(dataset.Name)}", cancel);
        }

        session.Close(files, cancel);
    }

    /// <summary>The query as a view, so that it can only be a query: one of the functions that checks may use too, over the inputs and nothing else.</summary>
    /// <exception cref="EngineException">It is no such query.</exception>
    public static void Define(Session session, string sql, IReadOnlyList<DatasetDefinition> inputs, CancellationToken cancel)
    {
        var text = sql.Trim().TrimEnd(';');
        var where = $"the rows are in {string.Join(", ", inputs.Select(i => i.Name))}";
        if (SqlGate.Query(session, text, inputs.SelectMany(i => new[] { i.Name, Plain(i) }), where, cancel) is { } refused) throw new EngineException(refused, DuckDBErrorType.InvalidInput);
        session.Execute($"CREATE TEMP VIEW {Result} AS\n{text}", cancel);
    }

    private static string Plain(DatasetDefinition dataset) => dataset.Name.Replace('-', '_');

    public static string Empty(DatasetDefinition dataset) =>
        $"SELECT {string.Join(", ", dataset.Columns.Select(c => $"NULL::{Sql.Type(c.Type)} AS {Sql.Name(c.Name)}"))} WHERE false";
}
