using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Drops;

/// <summary>
/// Lines of a CSV file that could not be cut into as many cells as the header has. They stand in the table <c>rejected</c>: number (of the row in the drop), before
/// (how many readable rows precede it) and line (as it is in the file).
/// </summary>
/// <param name="Example">One of them, for messages.</param>
internal sealed record RejectedLines(long Count, string? Example)
{
    public static RejectedLines None { get; } = new(0, null);

    /// <exception cref="DropRejectedException">A quoted cell never ends: everything after it would be taken for its text.</exception>
    public static RejectedLines Load(Session session, int headerLines, CancellationToken cancel)
    {
        if (session.Rows("SELECT 1 FROM reject_errors LIMIT 1", cancel).Count == 0) return None;
        session.Execute($"""
            CREATE TABLE rejected AS SELECT number, number - row_number() OVER (ORDER BY number) AS before, line, fault, message
            FROM (SELECT CAST(line AS BIGINT) - {headerLines} AS number, any_value(trim(csv_line, E'\n\r')) AS line, CAST(min(error_type) AS VARCHAR) AS fault,
              min(error_message) AS message FROM reject_errors GROUP BY reject_errors.line);
            """, cancel);
        var first = session.Rows("SELECT number, line, fault, message FROM rejected ORDER BY fault NOT IN ('UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM'), number LIMIT 1", cancel);
        var (number, line, fault, message) = ((long)first[0][0]!, (string?)first[0][1], (string?)first[0][2], (string?)first[0][3]);
        if (fault is "UNQUOTED VALUE" or "LINE SIZE OVER MAXIMUM")
        {
            throw new DropRejectedException($"line {number + headerLines}: a quoted value is not closed, or is followed by other text ({message}); "
                + $"what comes after it cannot be told apart: {ColumnMatch.Shorten(line ?? "")}. Close the quote, or double a quote that is part of the text.");
        }

        var count = (long)session.Rows("SELECT count(*) FROM rejected", cancel)[0][0]!;
        return new RejectedLines(count, $"line {number + headerLines}: {message}");
    }
}
