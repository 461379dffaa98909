using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Sessions;
using Serverless.Problems;
using Serverless.Replay;

namespace Serverless.DuckDb.Rows;

/// <summary>Quarantine files through the same contract SQL as drops.</summary>
internal sealed class QuarantineJudge : IQuarantineJudge
{
    public Task<JudgedRows> JudgeAsync(
        IReadOnlyList<string> paths, DatasetDefinition dataset, DateTimeOffset arrived, string mark, string folder, CancellationToken cancel = default) => Task.Run(() =>
    {
        try
        {
            using var session = Session.Open(folder);
            var names = dataset.Columns.Select(c => Sql.Name(c.Name)).ToList();
            session.Execute($"SET threads=1; CREATE TABLE fit ({string.Join(", ", names.Select(n => $"{n} VARCHAR"))})", cancel);
            var files = paths.Select((path, i) => Judge(session, path, dataset, arrived, Path.Combine(folder, $"left-{i}.parquet"), cancel)).ToList();
            if (files.All(f => f.Fit == 0)) return new JudgedRows(null, files);
            var drop = Path.Combine(folder, "drop.parquet");
            session.Execute($"COPY (SELECT * FROM fit) TO {Sql.Text(drop)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{replay: {Sql.Text(mark)}}})", cancel);
            return new JudgedRows(drop, files);
        }
        catch (EngineException e)
        {
            throw new DataException($"quarantine of '{dataset.Name}': {e.Short}", e);
        }
    }, cancel);

    private static JudgedFile Judge(Session session, string path, DatasetDefinition dataset, DateTimeOffset arrived, string left, CancellationToken cancel)
    {
        session.Execute($"CREATE OR REPLACE TABLE held AS SELECT * FROM read_parquet({Sql.Path(path)}, hive_partitioning=false)", cancel);
        var there = session.Rows("DESCRIBE held", cancel).Select(r => (string)r[0]!).ToHashSet(StringComparer.Ordinal);
        var source = new DropSource
        {
            Relation = "held",
            NotStored = [],
            Cells = [.. dataset.Columns.Select(c => there.Contains(c.Name) ? new SourceCell($"nullif({Sql.Name(c.Name)}, '')", "VARCHAR") : SourceCell.Missing)],
        };
        session.Execute($"CREATE OR REPLACE TABLE judged AS {ContractSql.Select(source, dataset, arrived)}", cancel);

        // Rows of both tables stand in the order of the file.
        var line = there.Contains("_line") ? "held._line" : "NULL";
        var period = dataset.Partition.Column is null ? "true" : "judged._key IS NOT NULL";
        const string Both = "FROM held JOIN judged ON held.rowid = judged.rowid";
        var fits = $"judged._check IS NULL AND {line} IS NULL AND {period}";
        var cells = dataset.Columns.Select(c => there.Contains(c.Name) ? $"held.{Sql.Name(c.Name)}" : "NULL::VARCHAR");
        session.Execute($"INSERT INTO fit SELECT {string.Join(", ", cells)} {Both} WHERE {fits} ORDER BY held.rowid", cancel);
        var counts = session.Rows($"SELECT count(*) FILTER (WHERE {fits}), count(*) {Both}", cancel)[0];
        var (fit, all) = (Convert.ToInt64(counts[0], CultureInfo.InvariantCulture), Convert.ToInt64(counts[1], CultureInfo.InvariantCulture));
        if (all == fit) return new JudgedFile(fit, 0, null);
        session.Execute($"COPY (SELECT held.* REPLACE (coalesce(judged._check, held._check) AS _check) {Both} WHERE NOT ({fits}) ORDER BY held.rowid) TO {Sql.Text(left)} (FORMAT parquet, COMPRESSION zstd)", cancel);
        return new JudgedFile(fit, all - fit, left);
    }
}
