using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Drops;

/// <summary>Tells a file with bad rows from a file that is something else: when (nearly) no row has the contracted form, nothing of it is stored.</summary>
internal static class Hopeless
{
    public static void ThrowIf(Session session, DatasetDefinition dataset, long rows, RejectedLines rejects, CancellationToken cancel)
    {
        var unreadable = rejects.Count + (long)session.Rows(
            "SELECT count(*) FROM rows WHERE _check IS NOT NULL AND (_check LIKE 'type:%' OR _check LIKE 'required:%' OR _check = 'json')", cancel)[0][0]!;
        if (unreadable < rows * DropPartitioner.HopelessShare) return;

        var worst = session.Rows("SELECT _check, count(*) AS n, min(rowid) AS first, arg_min(_raw, rowid), arg_min(_line, rowid) FROM rows WHERE _check IS NOT NULL "
            + "GROUP BY _check ORDER BY n DESC, first LIMIT 3", cancel);
        var reasons = worst.Select(w => Describe(dataset, (string)w[0]!, (long)w[1]!, (long)w[2]! + 1, w[3] as System.Collections.IList, w[4] as string)).ToList();
        if (rejects.Count > 0) reasons.Insert(0, $"{rejects.Count} with another number of columns than the header ({rejects.Example})");
        throw new DropRejectedException($"{unreadable.ToString("N0", CultureInfo.InvariantCulture)} of {rows.ToString("N0", CultureInfo.InvariantCulture)} rows are not what the contract says: "
            + string.Join("; ", reasons) + ". Is the delimiter, the order of columns or the format of times another one?");
    }

    private static string Describe(DatasetDefinition dataset, string check, long count, long row, System.Collections.IList? raw, string? line)
    {
        var parts = check.Split(':', 2);
        if (parts.Length < 2) return $"{count} are no JSON object (row {row}: {ColumnMatch.Shorten(line ?? "")})";
        var index = dataset.Columns.Select((c, i) => (c, i)).First(c => c.c.Name == parts[1]).i;
        var column = dataset.Columns[index];
        var value = raw?[index] as string;
        var expected = column.Type == ColumnType.Timestamp ? column.Format is { } f ? $"timestamp of the form {f}" : "timestamp (ISO 8601)" : column.Type.ToString().ToLowerInvariant();
        return $"{count} fail '{check}' (row {row}: {(value is null ? "empty" : $"'{ColumnMatch.Shorten(value)}'")}, expected {expected})";
    }
}
