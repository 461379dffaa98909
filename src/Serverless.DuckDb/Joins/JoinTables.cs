using Serverless.Datasets;
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
        foreach (var (dataset, _) in rows.Where(r => seen.Add(r.Dataset.Name.Replace('-', '_'))))
        {
            session.Execute($"CREATE VIEW {Sql.Name(dataset.Name.Replace('-', '_'))} AS SELECT * FROM {Sql.Name(dataset.Name)}", cancel);
        }

        session.Close(files, cancel);
    }

    /// <summary>The query as a view, so that it can only be a query.</summary>
    public static void Define(Session session, string sql, CancellationToken cancel) => session.Execute($"CREATE TEMP VIEW {Result} AS\n{sql}", cancel);

    public static string Empty(DatasetDefinition dataset) =>
        $"SELECT {string.Join(", ", dataset.Columns.Select(c => $"NULL::{Sql.Type(c.Type)} AS {Sql.Name(c.Name)}"))} WHERE false";
}
