using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Tables;

/// <summary>Rows of a query into columns of memory, straight from the engine's vectors; text becomes codes of a dictionary as it is read.</summary>
internal static class TableReader
{
    /// <param name="select">A query whose columns have exactly the types of <paramref name="columns"/>, in their order.</param>
    /// <param name="expected">Number of rows, when known: saves growing.</param>
    public static Table Read(Session session, string select, IReadOnlyList<RawColumn> columns, int expected, CancellationToken cancel)
    {
        var sinks = columns.Select(c => ColumnSink.For(c.Type, expected)).ToArray();
        var rows = 0;
        session.Read(select, (in Chunk chunk) =>
        {
            for (var c = 0; c < sinks.Length; c++) sinks[c].Add(chunk[c], chunk.Rows);
            rows += chunk.Rows;
        }, cancel);
        return new Table(rows, [.. columns.Select((c, i) => sinks[i].Finish(c.Name))]);
    }
}
