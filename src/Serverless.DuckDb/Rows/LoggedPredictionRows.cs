using System.Collections;
using System.Globalization;
using Serverless.DuckDb.Sessions;
using Serverless.Problems;
using Serverless.Scoring;

namespace Serverless.DuckDb.Rows;

/// <inheritdoc cref="ILoggedPredictions"/>
internal sealed class LoggedPredictionRows : ILoggedPredictions
{
    private static readonly string[] Columns = ["id", "time", "model", "version", "role", "subject", "inputs", "outputs", "prediction", "looked_up", "notes", "protocol", "key", "segment"];

    public Task<LoggedPrediction?> FindAsync(IReadOnlyList<string> paths, string id, CancellationToken cancel = default) => Task.Run(() =>
    {
        if (paths.Count == 0) return null;
        using var session = Session.Open();
        try
        {
            var relation = $"read_parquet([{string.Join(", ", paths.Select(Sql.Path))}], hive_partitioning=false, union_by_name=true)";
            var there = session.Rows($"DESCRIBE SELECT * FROM {relation}", cancel).Select(r => (string)r[0]!).ToHashSet(StringComparer.Ordinal);
            var cells = Columns.Select(c => !there.Contains(c) ? "NULL" : c == "time" ? "epoch_us(time)" : Sql.Name(c));
            var rows = session.Rows($"SELECT {string.Join(", ", cells)} FROM {relation} WHERE id = {Sql.Text(id)} LIMIT 1", cancel);
            return rows.Count == 0 ? null : Row(rows[0]);
        }
        catch (EngineException e)
        {
            throw new DataException($"the prediction log cannot be read: {e.Short}", e);
        }
    }, cancel);

    private static LoggedPrediction Row(object?[] cells) => new()
    {
        Id = (string)cells[0]!,
        Time = DateTime.UnixEpoch.AddTicks(Convert.ToInt64(cells[1], CultureInfo.InvariantCulture) * TimeSpan.TicksPerMicrosecond),
        Model = (string)cells[2]!,
        Version = Convert.ToInt32(cells[3], CultureInfo.InvariantCulture),
        Role = (string)cells[4]!,
        Subject = cells[5] as string,
        Inputs = cells[6] as string ?? "{}",
        Outputs = cells[7] is IEnumerable list and not string ? [.. list.Cast<object>().Select(v => Convert.ToDouble(v, CultureInfo.InvariantCulture))] : [],
        Prediction = cells[8] as string ?? "",
        LookedUp = cells[9] as string,
        Notes = cells[10] as string,
        Protocol = cells[11] as string,
        Key = cells[12] as string,
        Segment = cells[13] as string,
    };
}
