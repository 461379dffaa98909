using System.Globalization;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Facts;
using Serverless.DuckDb.Sessions;
using Serverless.Partitions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Drops;

/// <summary>
/// One drop into Parquet files by period. The file is read once, into a table of typed values that spills to disk; row order is kept, so a row's number is its place.
/// Then files are written and figures computed side by side, each by one thread, so that the same drop gives the same bytes on any machine.
/// </summary>
internal sealed class DropPartitioner(Session session, DatasetDefinition dataset, CheckPlan checks, string folder, CancellationToken cancel)
{
    /// <summary>From this share of unreadable rows on, a file is taken for another kind of file than the contract's.</summary>
    public const double HopelessShare = 0.95;

    public PartitionedDrop Run(string path, string fileName, DateTimeOffset arrived, IProgress<double>? progress)
    {
        var source = Open(path, fileName);
        var (periods, profiles) = Load(source, arrived);
        progress?.Report(0.4);
        var rejects = source.NotesRejects ? RejectedLines.Load(session, source.HeaderLines, cancel) : RejectedLines.None;
        var rows = periods.Sum(p => p.Good + p.Bad) + rejects.Count;
        if (rows == 0) throw new DropRejectedException("the file has a header and no rows.");
        if (periods.Any(p => p.Bad > 0) || rejects.Count > 0) Hopeless.ThrowIf(session, dataset, rows, rejects, cancel);

        if (periods.All(p => p.Last - p.First + 1 == p.Good + p.Bad))
        {
            session.Execute("CREATE VIEW ordered AS SELECT *, rowid AS _at FROM rows", cancel);
        }
        else
        {
            // Rows of a period are not together: sorted once here, instead of searched for once for each period.
            session.Execute("CREATE TABLE ordered AS SELECT *, rowid AS _at FROM rows ORDER BY _key, rowid; DROP TABLE rows", cancel);
        }

        // The drop is read; what follows, conditions of checks among it, reaches nothing but the folder of its partitions.
        session.Execute("SET threads=1", cancel);
        session.Close([], cancel);
        var files = periods.Select(p => new PartitionFile
        {
            Key = KeyText(p.Key),
            Rows = p.Good,
            Path = p.Good > 0 ? FileOf(p.Key, "parquet") : null,
            Quarantined = p.Bad,
            QuarantinePath = p.Bad > 0 ? FileOf(p.Key, "quarantine.parquet") : null,
        }).ToList();
        if (rejects.Count > 0) files = WithRejects(files, rejects.Count);
        var inspections = WriteAndInspect(periods, profiles, files, rejects, new DropFacts(arrived, dataset.Partition.Grain, source.ColumnsBeside(dataset)), progress);
        var byKey = inspections.ToDictionary(i => KeyText(i.Key), i => i.Value);
        return new PartitionedDrop
        {
            Rows = rows,
            NotStored = source.NotStored,
            Absent = source.Absent,
            Quarantined = files.Sum(f => f.Quarantined),
            Partitions = [.. files.Select(f => f.Path is null ? f : f with { Inspection = byKey[f.Key] }).OrderBy(f => f.Key, StringComparer.Ordinal)],
        };
    }

    private DropSource Open(string path, string fileName)
    {
        var format = FileFormat.Of(fileName)
            ?? throw new DropRejectedException($"'{fileName}' has no extension that says how to read it: expected {FileFormat.Known}.");
        if (format.Kind == FileKind.Parquet)
        {
            return ParquetSource.Open(session, format.Compressed ? TextScan.Expand(path, folder, cancel) : path, dataset, cancel);
        }

        var text = TextScan.Run(path, format, folder, cancel);
        return format.Kind == FileKind.Csv ? CsvSource.Open(text, format, dataset) : JsonLinesSource.Open(session, text, dataset, cancel);
    }

    // A pattern costs more than everything else that is looked at, and few drops break one. So rows are read without patterns, the different values are tried, and only if
    // one fails, the drop is read again with the patterns in place.
    private DropLook Load(DropSource source, DateTimeOffset arrived)
    {
        if (!LoadPlain(source, arrived)) session.Execute($"CREATE OR REPLACE TABLE rows AS {ContractSql.Select(source, dataset, arrived, patterns: false)}", cancel);
        if (DropLook.Run(session, dataset.Columns, patterns: true, cancel) is { } look) return look;
        session.Execute($"CREATE OR REPLACE TABLE rows AS {ContractSql.Select(source, dataset, arrived)}", cancel);
        return DropLook.Run(session, dataset.Columns, patterns: false, cancel)!;
    }

    // Most rows of most drops are plainly written and right. The others are judged in a second look, unless they are so many that one look at all costs less.
    private bool LoadPlain(DropSource source, DateTimeOffset arrived)
    {
        if (!LoadTyped(source, arrived))
        {
            if (ContractSql.Plain(source, dataset, arrived) is not { } plain) return false;
            session.Execute($"CREATE TABLE rows AS {plain}", cancel);
        }

        var counts = session.Rows("SELECT count(*), count(_raw) FROM rows", cancel)[0];
        var (rows, doubtful) = ((long)counts[0]!, (long)counts[1]!);
        if (doubtful == 0) return true;
        if (doubtful * 5 > rows) return false;

        // Text stays as it is and _raw is looked at only where _check is set; changing the list would move the rows.
        var changed = dataset.Columns.Select((c, i) => (c.Type, Cell: $"v{i}")).Where(c => c.Type != ColumnType.String).Select(c => c.Cell).Append("_key").Append("_check");
        session.Execute($"""
            CREATE TEMP TABLE judged AS {ContractSql.Select(ContractSql.Doubtful(source, "rows"), dataset, arrived, patterns: false, also: "_at")};
            UPDATE rows SET {string.Join(", ", changed.Select(c => $"{c} = judged.{c}"))} FROM judged WHERE rows.rowid = judged._at;
            DROP TABLE judged
            """, cancel);
        return true;
    }

    // A cell that is no integer costs its line here, so then nothing was read.
    private bool LoadTyped(DropSource source, DateTimeOffset arrived)
    {
        if (source.Plainly is not { } typed || ContractSql.Plain(typed, dataset, arrived) is not { } plain) return false;
        session.Execute($"CREATE TABLE rows AS {plain}", cancel);
        if (session.Rows("SELECT 1 FROM reject_errors WHERE error_type = 'CAST' LIMIT 1", cancel).Count == 0) return true;
        session.Execute("DROP TABLE rows; DELETE FROM reject_errors", cancel);
        return false;
    }

    private Dictionary<long, Inspection> WriteAndInspect(
        IReadOnlyList<DropLook.Period> periods, Dictionary<long, ProfileState> profiles, List<PartitionFile> files, RejectedLines rejects, DropFacts facts, IProgress<double>? progress)
    {
        var done = 0;
        var next = -1;
        void Write(Session on)
        {
            for (int i; (i = Interlocked.Increment(ref next)) < periods.Count;)
            {
                var (good, bad) = CopyStatements(periods[i], files.First(f => f.Key == KeyText(periods[i].Key)), rejects);
                if (good is not null) on.Execute(good, cancel);
                if (bad is not null) on.Execute(bad, cancel);
                progress?.Report(0.4 + (0.6 * Interlocked.Increment(ref done) / periods.Count));
            }
        }

        using var second = session.Fork();
        var writing = Task.Run(() => Write(second), CancellationToken.None);
        try
        {
            var stored = $"(SELECT {string.Join(", ", dataset.Columns.Select((c, i) => $"v{i} AS {Sql.Name(c.Name)}"))}, _key FROM ordered WHERE _check IS NULL)";
            var inspections = periods.Any(p => p.Good > 0) ? new Inspector(session, stored, dataset.Columns, checks, facts).Run(cancel, profiles) : [];
            Write(session);
            if (rejects.Count > 0 && periods.All(p => p.Key is not null))
            {
                session.Execute(Quarantine("SELECT * FROM ordered WHERE false", rejects, FileOf(null, "quarantine.parquet"), withLines: true), cancel);
            }

            return inspections;
        }
        finally
        {
            writing.GetAwaiter().GetResult();
        }
    }

    private (string? Good, string? Bad) CopyStatements(DropLook.Period period, PartitionFile file, RejectedLines rejects)
    {
        var range = $"FROM ordered WHERE {(period.Key is { } key ? $"_key = make_timestamp({key})" : "_key IS NULL")} AND _at BETWEEN {period.First} AND {period.Last}";
        var values = string.Join(", ", dataset.Columns.Select((c, i) => $"v{i} AS {Sql.Name(c.Name)}"));
        return (file.Path is null ? null : $"COPY (SELECT {values} {range} AND _check IS NULL) TO {Sql.Text(file.Path)} (FORMAT parquet, COMPRESSION zstd)",
            file.QuarantinePath is null ? null
                : Quarantine($"SELECT * {range} AND _check IS NOT NULL", rejects, file.QuarantinePath, withLines: period.Key is null && rejects.Count > 0));
    }

    // The contracted columns as the drop has them (others are not kept, not even here), what is wrong, the row's number, and the line where cells cannot show it.
    private string Quarantine(string bad, RejectedLines rejects, string path, bool withLines)
    {
        var cells = string.Join(", ", dataset.Columns.Select((c, i) => $"_raw[{i + 1}] AS {Sql.Name(c.Name)}"));
        var none = string.Join(", ", dataset.Columns.Select(c => "NULL::VARCHAR"));
        var number = rejects.Count == 0 ? "_at + 1" : $"_at + 1 + (SELECT count(*) FROM rejected WHERE rejected.before <= _at)";
        var lines = withLines ? $" UNION ALL SELECT {none}, 'columns', number, line FROM rejected" : "";
        return $"COPY (SELECT * FROM (SELECT {cells}, _check, {number} AS _row, _line FROM ({bad}){lines}) ORDER BY _row) TO {Sql.Text(path)} (FORMAT parquet, COMPRESSION zstd)";
    }

    private List<PartitionFile> WithRejects(List<PartitionFile> files, long count)
    {
        var unknown = files.Find(f => f.Key == UnknownKey);
        return unknown is null ? [.. files, new PartitionFile { Key = UnknownKey, Quarantined = count, QuarantinePath = FileOf(null, "quarantine.parquet") }]
            : [.. files.Where(f => f != unknown), unknown with { Quarantined = unknown.Quarantined + count, QuarantinePath = FileOf(null, "quarantine.parquet") }];
    }

    private const string UnknownKey = "unknown";

    private string FileOf(long? key, string extension) => Path.Combine(folder, $"{KeyText(key)}.{extension}");

    private string KeyText(long? microseconds) => microseconds is not { } us || us == Facts.Periods.NoKey ? UnknownKey
        : DateTime.UnixEpoch.AddTicks(us * 10).ToString(dataset.Partition.Grain switch
        {
            PartitionGrain.Hour => "yyyy-MM-dd'T'HH",
            PartitionGrain.Month => "yyyy-MM",
            _ => "yyyy-MM-dd",
        }, CultureInfo.InvariantCulture);
}
