using System.Collections.Concurrent;
using System.Globalization;
using DuckDB.NET.Native;
using Serverless.Datasets;
using Serverless.Drift.Samples;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Sessions;
using Serverless.Problems;

namespace Serverless.DuckDb.Tables;

/// <summary>Files as sides of a comparison: Parquet is read where it lies, column by column; text is read once, into a table that may spill.</summary>
internal sealed class DriftFiles : IDriftFiles
{
    public IDriftFile Open(string path, string fileName, CancellationToken cancel = default) => DriftFile.Open(fileName, (session, scratch) =>
    {
        var format = FileFormat.Of(fileName)
            ?? throw new RequestException($"'{fileName}' has no extension that says how to read it: expected {FileFormat.Known}.");
        var relation = DetectedFile.Relation(path, format, scratch, cancel);
        if (format.Kind == FileKind.Parquet) return relation;
        session.Execute($"CREATE TABLE detected AS SELECT * FROM {relation}", cancel);
        return "detected";
    }, cancel);

    public IDriftFile Open(IReadOnlyList<string> parquetPaths, string name, CancellationToken cancel = default) =>
        DriftFile.Open(name, (_, _) => $"read_parquet({Sql.Paths(parquetPaths)}, union_by_name=true, hive_partitioning=false)", cancel);
}

internal sealed class DriftFile : IDriftFile
{
    private readonly Session session;
    private readonly string scratch;
    private readonly string relation;
    private readonly Dictionary<string, string> found;
    private readonly Dictionary<string, ColumnType> types;

    // A connection serves one thread at a time.
    private readonly ConcurrentBag<Session> idle = [];

    private DriftFile(string name, Session session, string scratch, string relation, CancellationToken cancel)
    {
        (Name, this.session, this.scratch, this.relation) = (name, session, scratch, relation);
        var described = session.Rows($"DESCRIBE SELECT * FROM {relation}", cancel);
        found = described.ToDictionary(r => (string)r[0]!, r => (string)r[1]!, StringComparer.Ordinal);
        Columns = [.. described.Select(r => new DriftSourceColumn((string)r[0]!, DetectedFile.TypeOf((string)r[1]!)))];
        types = Columns.ToDictionary(c => c.Name, c => c.Type, StringComparer.Ordinal);
        Rows = Convert.ToInt64(session.Rows($"SELECT count(*) FROM {relation}", cancel)[0][0], CultureInfo.InvariantCulture);
    }

    public string Name { get; }

    public long Rows { get; }

    public IReadOnlyList<DriftSourceColumn> Columns { get; }

    public static DriftFile Open(string name, Func<Session, string, string> relation, CancellationToken cancel)
    {
        var scratch = Directory.CreateTempSubdirectory("serverless-").FullName;
        Session? session = null;
        try
        {
            session = Session.Open(scratch);
            session.Execute("SET enable_object_cache=true", cancel); // the footer of a file with many columns is read once
            return new DriftFile(name, session, scratch, relation(session, scratch), cancel);
        }
        catch (Exception e)
        {
            session?.Dispose();
            Directory.Delete(scratch, recursive: true);
            if (e is DropRejectedException) throw new DataException($"{name}: {e.Message}");
            if (e is EngineException engine) throw Explain(engine, name);
            throw;
        }
    }

    public Table Read(IReadOnlyList<string> columns, CancellationToken cancel)
    {
        var connection = idle.TryTake(out var free) ? free : session.Fork();
        try
        {
            RawColumn[] wanted = [.. columns.Select(c => new RawColumn(c, types[c], Required: false))];
            var cells = columns.Select(c => $"{DetectedFile.Cell(Sql.Name(c), found[c], types[c])} AS {Sql.Name(c)}");
            return TableReader.Read(connection, $"SELECT {string.Join(", ", cells)} FROM {relation}", wanted, (int)Rows, cancel);
        }
        catch (EngineException e)
        {
            throw Explain(e, Name);
        }
        finally
        {
            idle.Add(connection);
        }
    }

    public IReadOnlyList<ColumnSample> Samples(IReadOnlyList<string> columns, CancellationToken cancel) => [.. Read(columns, cancel).Columns.Select(SampleBuilder.Take)];

    public void Dispose()
    {
        foreach (var connection in idle) connection.Dispose();
        session.Dispose();
        Directory.Delete(scratch, recursive: true);
    }

    private static ServerlessException Explain(EngineException e, string what) => e.Type == DuckDBErrorType.OutOfMemory
        ? new EnvironmentException($"{what}: the data engine ran out of memory: {e.Short}", e)
        : new DataException($"{what}: {e.Short}", e);
}
