using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using DuckDB.NET.Native;
using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Sessions;
using Serverless.Problems;
using Serverless.Scoring;

namespace Serverless.DuckDb.Tables;

/// <summary>
/// Files of rows to score, part by part. Parquet whose columns cannot hold a wrong value is streamed as it is; any other file goes through the contract's SELECT into a table that may spill, so that the number of each
/// row is known, and is streamed from there. The next part is read while the caller works on the one before.
/// </summary>
internal sealed class BatchFiles : IBatchFiles
{
    public async IAsyncEnumerable<RowPart> ReadAsync(string path, string fileName, IReadOnlyList<RawColumn> columns, int partRows, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var parts = Channel.CreateBounded<RowPart>(1);
        var reading = Task.Run(() => Read(path, fileName, columns, partRows, parts.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var part in parts.Reader.ReadAllAsync(cancel)) yield return part;
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    public Task<long?> CountAsync(string path, string fileName, CancellationToken cancel = default) => Task.Run(() =>
    {
        if (FileFormat.Of(fileName) is not { Kind: FileKind.Parquet, Compressed: false }) return (long?)null;
        using var session = Session.Open();
        try
        {
            return Convert.ToInt64(session.Rows($"SELECT CAST(sum(num_rows) AS BIGINT) FROM parquet_file_metadata({Sql.Path(path)})", cancel)[0][0], CultureInfo.InvariantCulture);
        }
        catch (EngineException e)
        {
            throw new DataException($"{fileName}: the file is not readable as Parquet: {e.Short.Replace(path, fileName, StringComparison.Ordinal)}");
        }
    }, cancel);

    public Task CopyAsync(IReadOnlyList<string> paths, string target, CancellationToken cancel = default) => Task.Run(() =>
    {
        var format = FileFormat.Of(target) ?? throw new RequestException($"'{Path.GetFileName(target)}' has no extension that says how to write it: expected {FileFormat.Known}.");
        var form = format.Kind switch
        {
            FileKind.Parquet => "FORMAT parquet, COMPRESSION zstd",
            FileKind.Csv => $"FORMAT csv, HEADER true, DELIMITER {Sql.Text(format.Delimiter.ToString())}{(format.Compressed ? ", COMPRESSION gzip" : "")}",
            _ => $"FORMAT json{(format.Compressed ? ", COMPRESSION gzip" : "")}",
        };
        var scratch = Directory.CreateTempSubdirectory("serverless-").FullName;
        try
        {
            using var session = Session.Open(scratch);
            session.Execute($"COPY (SELECT * FROM read_parquet({Sql.Paths(paths)}, hive_partitioning=false)) TO {Sql.Text(target)} ({form})", cancel);
        }
        catch (EngineException e)
        {
            throw new EnvironmentException($"'{Path.GetFileName(target)}' cannot be written: {e.Short}", e);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }, cancel);

    // Whatever goes wrong is told to the reader of the parts, in their order.
    private static void Read(string path, string fileName, IReadOnlyList<RawColumn> columns, int partRows, ChannelWriter<RowPart> parts, CancellationToken cancel)
    {
        var scratch = Directory.CreateTempSubdirectory("serverless-").FullName;
        Exception? fault = null;
        try
        {
            using var session = Session.Open(scratch);
            new Reading(session, columns, partRows, part => parts.WriteAsync(part, cancel).AsTask().GetAwaiter().GetResult(), cancel).Run(path, fileName, scratch);
        }
        catch (DropRejectedException e)
        {
            fault = new DataException($"{fileName}: {e.Message}");
        }
        catch (EngineException e)
        {
            var why = e.Short.Replace(path, fileName, StringComparison.Ordinal).Replace(TextScan.ExpansionIn(scratch), fileName, StringComparison.Ordinal);
            fault = e.Type == DuckDBErrorType.OutOfMemory ? new EnvironmentException($"{fileName}: the data engine ran out of memory: {why}", e) : new DataException($"{fileName}: {why}", e);
        }
        catch (Exception e)
        {
            fault = e;
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }

        parts.Complete(fault);
    }

    /// <summary>One file on its way into parts.</summary>
    private sealed class Reading(Session session, IReadOnlyList<RawColumn> columns, int partRows, Action<RowPart> take, CancellationToken cancel)
    {
        private ColumnSink[] sinks = [];
        private readonly List<long> numbers = [];
        private readonly List<RejectedRow> rejects = [];
        private long read;

        public void Run(string path, string fileName, string scratch)
        {
            var format = FileFormat.Of(fileName) ?? throw new RequestException($"'{fileName}' has no extension that says how to read it: expected {FileFormat.Known}.");
            var dataset = ScoringFile.AsContract(columns, required: true);
            Fresh();
            DropSource source;
            if (format.Kind == FileKind.Parquet)
            {
                source = ParquetSource.Open(session, format.Compressed ? TextScan.Expand(path, scratch, cancel) : path, dataset, cancel);
                if (source.Cells.Select((c, i) => c == SourceCell.Missing || ScoringFile.Holds(c.Type, columns[i].Type)).All(holds => holds))
                {
                    var cells = source.Cells.Select((c, i) => $"CAST({c.Expression} AS {Sql.Type(columns[i].Type)})").ToArray();
                    var judged = Judged(source, cells);
                    session.Stream($"SELECT {string.Join(", ", cells)}{judged} FROM {source.Relation}", (in Chunk chunk) => Take(chunk, judged: judged.Length > 0), cancel);
                    Close(last: true);
                    return;
                }
            }
            else
            {
                var text = TextScan.Run(path, format, scratch, cancel);
                source = format.Kind == FileKind.Csv ? CsvSource.Open(text, format, dataset) : JsonLinesSource.Open(session, text, dataset, cancel);
            }

            session.Execute($"CREATE TABLE rows AS {ContractSql.Select(source, dataset, DateTimeOffset.UnixEpoch)}", cancel);
            var lines = source.NotesRejects && RejectedLines.Load(session, source.HeaderLines, cancel).Count > 0
                ? session.Rows("SELECT number, before, line FROM rejected ORDER BY number", cancel).Select(r => ((long)r[0]!, (long)r[1]!, (string?)r[2])).ToArray() : [];
            var values = string.Join(", ", columns.Select((_, i) => $"v{i}"));
            var (at, index) = (0L, 0);
            session.Stream($"SELECT {values}, _check, CAST(to_json(_raw) AS VARCHAR), _line FROM rows", (in Chunk chunk) =>
            {
                Take(chunk, judged: true, () =>
                {
                    // Lines that could not be cut stand between the others.
                    while (index < lines.Length && lines[index].Item2 <= at) Uncut(lines[index++]);
                    at++;
                });
            }, cancel);
            while (index < lines.Length) Uncut(lines[index++]);
            Close(last: true);
        }

        // A time of the engine may lie beyond the calendar: the only value of these types that can be wrong, but for numbers that are not finite.
        private string Judged(DropSource source, string[] cells)
        {
            var wrong = cells.Select((c, i) => (Column: columns[i], Cell: c, There: source.Cells[i] != SourceCell.Missing)).Where(c => c.There && c.Column.Type == ColumnType.Timestamp)
                .Select(c => (Check: $"type:{c.Column.Name}", Condition: $"{c.Cell} NOT {ContractSql.Calendar}")).ToArray();
            if (wrong.Length == 0) return "";
            var check = string.Join(" ", wrong.Select(w => $"WHEN {w.Condition} THEN {Sql.Text(w.Check)}"));
            var texts = string.Join(", ", cells.Select(c => $"CAST({c} AS VARCHAR)"));
            return $", CASE {check} END, CASE WHEN {string.Join(" OR ", wrong.Select(w => w.Condition))} THEN CAST(to_json([{texts}]) AS VARCHAR) END, NULL::VARCHAR";
        }

        private void Uncut((long Number, long Before, string? Line) line)
        {
            rejects.Add(new RejectedRow(line.Number, null, "columns", null, line.Line));
            read++;
        }

        private void Take(in Chunk chunk, bool judged, Action? each = null)
        {
            for (var from = 0; from < chunk.Rows;)
            {
                var count = Math.Min(chunk.Rows - from, partRows - numbers.Count);
                for (var c = 0; c < sinks.Length; c++) sinks[c].Add(chunk[c], from, count);
                for (var row = from; row < from + count; row++)
                {
                    each?.Invoke();
                    numbers.Add(++read);
                    if (judged && chunk[sinks.Length].Text(row) is { } check) rejects.Add(new RejectedRow(read, numbers.Count - 1, check, Cells(chunk[sinks.Length + 1].Text(row)), check.Contains(':') ? null : chunk[sinks.Length + 2].Text(row)));
                }

                from += count;
                if (numbers.Count == partRows) Close(last: false);
            }
        }

        private void Close(bool last)
        {
            if (numbers.Count == 0 && (!last || rejects.Count == 0)) return;
            take(new RowPart(new Table(numbers.Count, [.. columns.Select((c, i) => sinks[i].Finish(c.Name))]), [.. numbers], [.. rejects]));
            Fresh();
        }

        private void Fresh()
        {
            sinks = [.. columns.Select(c => ColumnSink.For(c.Type, 0))];
            numbers.Clear();
            rejects.Clear();
        }

        private static string?[]? Cells(string? json) => json is null ? null : JsonSerializer.Deserialize<string?[]>(json);
    }
}
