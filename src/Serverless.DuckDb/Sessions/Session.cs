using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Serverless.Problems;

namespace Serverless.DuckDb.Sessions;

/// <summary>
/// One in-memory DuckDB for one piece of work: bounded memory, spilling into a folder, UTC, at most two threads. Not thread-safe; <see cref="Fork"/> gives a second
/// connection to the same database for another thread.
/// </summary>
internal sealed class Session : IDisposable
{
    private readonly DuckDBConnection connection;

    private Session(DuckDBConnection connection, string? scratch) => (this.connection, Scratch) = (connection, scratch);

    /// <summary>The folder for files of this piece of work, which is there as long as the work; null when it has none.</summary>
    public string? Scratch { get; }

    /// <param name="scratch">Folder for files of this piece of work, and below it for what does not fit into memory; null = spilling is off.</param>
    public static Session Open(string? scratch = null)
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        try
        {
            connection.Open();
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            connection.Dispose();
            throw new EnvironmentException($"the native library of DuckDB cannot be loaded on this machine ({e.Message.Split('\n')[0]}). "
                + "It comes with the package DuckDB.NET.Data.Full for Linux (x64, arm64; glibc), macOS and Windows.", e);
        }

        var session = new Session(connection, scratch);
        session.Execute($"SET threads={Math.Min(2, Environment.ProcessorCount)}; SET TimeZone='UTC'; SET memory_limit='{MemoryLimitMegabytes()}MB'; "
            + $"SET temp_directory={Sql.Text(scratch is null ? "" : Path.Combine(scratch, "spill"))}; SET autoinstall_known_extensions=false; SET autoload_known_extensions=false");
        return session;
    }

    // A drop is worked on in a bounded space; 640 MB keep a process with its runtime under 1 GB.
    private static long MemoryLimitMegabytes() => Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 / 1_000_000, 256, 640);

    public Session Fork() => new(connection.Duplicate().Opened(), Scratch);

    /// <summary>
    /// From then on the database reaches no network, no setting and no file but its scratch folder and the files named here: what SQL of users runs behind. Nothing opens
    /// it again.
    /// </summary>
    public void Close(IReadOnlyList<string> files, CancellationToken cancel) =>
        Execute($"SET allowed_paths={Sql.Texts(files)}; SET allowed_directories={Sql.Texts(Scratch is null ? [] : [Scratch + Path.DirectorySeparatorChar])}; "
            + "SET enable_external_access=false; SET lock_configuration=true", cancel);

    /// <summary>Runs statements without looking at their rows. Cancelling interrupts the engine.</summary>
    public void Execute(string sql, CancellationToken cancel = default) => Read(sql, static (in Chunk _) => { }, cancel);

    /// <summary>Runs a query and hands over its rows, at most 2,048 at a time, as the engine's own vectors.</summary>
    public void Read(string sql, ChunkReader read, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        using var interrupt = cancel.Register(() => NativeMethods.Startup.DuckDBInterrupt(connection.NativeConnection));
        var state = NativeMethods.Query.DuckDBQuery(connection.NativeConnection, sql, out var result);
        try
        {
            if (state == DuckDBState.Error)
            {
                cancel.ThrowIfCancellationRequested();
                throw Failure(NativeMethods.Query.DuckDBResultError(ref result), NativeMethods.Query.DuckDBResultErrorType(ref result));
            }

            while (true)
            {
                using var chunk = NativeMethods.Query.DuckDBFetchChunk(result);
                if (chunk.IsInvalid) return;
                read(new Chunk(chunk));
            }
        }
        finally
        {
            NativeMethods.Query.DuckDBDestroyResult(ref result);
        }
    }

    /// <summary>Runs a query and hands over its rows while it runs: the result is never whole in memory. Rows come in the order of the query.</summary>
    public void Stream(string sql, ChunkReader read, CancellationToken cancel = default)
    {
        try
        {
            StreamOnce(sql, read, cancel);
        }
        catch (EngineException e) when (e.Type == DuckDBErrorType.Interrupt)
        {
            // One thread failed and the engine stopped the other, whose end it tells now and then in place of the cause. Asked again, it tells the cause.
            for (var again = 0; again < 5; again++)
            {
                try
                {
                    StreamOnce(sql, static (in Chunk _) => { }, cancel);
                }
                catch (EngineException same) when (same.Type == DuckDBErrorType.Interrupt)
                {
                    continue;
                }
            }

            throw;
        }
    }

    private void StreamOnce(string sql, ChunkReader read, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var interrupt = cancel.Register(() => NativeMethods.Startup.DuckDBInterrupt(connection.NativeConnection));
        var prepared = NativeMethods.PreparedStatements.DuckDBPrepare(connection.NativeConnection, sql, out var statement);
        using (statement)
        {
            if (prepared == DuckDBState.Error) throw Failure(NativeMethods.PreparedStatements.DuckDBPrepareError(statement), DuckDBErrorType.Parser);
            var state = NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(statement, out var result);
            try
            {
                while (state == DuckDBState.Success)
                {
                    using var chunk = NativeMethods.Query.DuckDBFetchChunk(result);
                    if (chunk.IsInvalid) break;
                    read(new Chunk(chunk));
                }

                cancel.ThrowIfCancellationRequested();
                if (NativeMethods.Query.DuckDBResultError(ref result) is { Length: > 0 } error) throw Failure(error, NativeMethods.Query.DuckDBResultErrorType(ref result));
            }
            finally
            {
                NativeMethods.Query.DuckDBDestroyResult(ref result);
            }
        }
    }

    /// <summary>All rows of a small result.</summary>
    public List<object?[]> Rows(string sql, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        using var interrupt = cancel.Register(() => NativeMethods.Startup.DuckDBInterrupt(connection.NativeConnection));
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        try
        {
            using var reader = command.ExecuteReader();
            var rows = new List<object?[]>();
            while (reader.Read())
            {
                var row = new object?[reader.FieldCount];
                for (var i = 0; i < row.Length; i++) row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
                rows.Add(row);
            }

            return rows;
        }
        catch (DuckDBException e)
        {
            cancel.ThrowIfCancellationRequested();
            throw Failure(e.Message, e.ErrorType);
        }
    }

    /// <summary>Fills a table row by row.</summary>
    public void Append(string table, int rows, Action<IDuckDBAppenderRow, int> fill, CancellationToken cancel)
    {
        using var appender = connection.CreateAppender(table);
        for (var i = 0; i < rows; i++)
        {
            if ((i & 4095) == 0) cancel.ThrowIfCancellationRequested();
            var row = appender.CreateRow();
            fill(row, i);
            row.EndRow();
        }
    }

    /// <summary>Fills a table with whole vectors: <paramref name="fill"/> gets the first row and how many, and writes each column.</summary>
    public void AppendVectors(string table, int rows, IReadOnlyList<DuckDBType> types, VectorWriter fill, CancellationToken cancel)
    {
        if (NativeMethods.Appender.DuckDBAppenderCreate(connection.NativeConnection, null!, table, out var appender) == DuckDBState.Error) throw Failure($"no appender for '{table}'", DuckDBErrorType.Internal);
        var logical = types.Select(NativeMethods.LogicalType.DuckDBCreateLogicalType).ToArray();
        try
        {
            using (appender)
            {
                using var chunk = NativeMethods.DataChunks.DuckDBCreateDataChunk([.. logical.Select(t => t.DangerousGetHandle())], (ulong)logical.Length);
                for (var start = 0; start < rows; start += Chunk.MostRows)
                {
                    cancel.ThrowIfCancellationRequested();
                    var count = Math.Min(Chunk.MostRows, rows - start);
                    NativeMethods.DataChunks.DuckDBDataChunkReset(chunk);
                    for (var c = 0; c < logical.Length; c++) fill(new WritableVector(NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, c)), c, start, count);
                    NativeMethods.DataChunks.DuckDBDataChunkSetSize(chunk, (ulong)count);
                    if (NativeMethods.Appender.DuckDBAppendDataChunk(appender, chunk) == DuckDBState.Error) throw Failure($"rows {start} to {start + count} cannot be appended", DuckDBErrorType.Internal);
                }

                if (NativeMethods.Appender.DuckDBAppenderClose(appender) == DuckDBState.Error) throw Failure("the last rows cannot be appended", DuckDBErrorType.Internal);
            }
        }
        finally
        {
            foreach (var type in logical) type.Dispose();
        }
    }

    public void Dispose() => connection.Dispose();

    private static Exception Failure(string message, DuckDBErrorType type)
    {
        if (message.Contains("No space left", StringComparison.OrdinalIgnoreCase) || message.Contains("disk full", StringComparison.OrdinalIgnoreCase))
        {
            return new EnvironmentException($"the disk is full: {message.Split('\n')[0]}. Free some space, or set TMPDIR to a folder on a larger disk, and try again.");
        }

        return new EngineException(message, type);
    }
}

/// <summary>The engine refused or failed; the message is DuckDB's own.</summary>
internal sealed class EngineException(string message, DuckDBErrorType type) : Exception(message)
{
    public DuckDBErrorType Type { get; } = type;

    /// <summary>The first line, without the kind of error in front.</summary>
    public string Short
    {
        get
        {
            var line = Message.Split('\n')[0].Trim();
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            return colon is > 0 and < 40 && line[..colon].EndsWith("Error", StringComparison.Ordinal) ? line[(colon + 2)..] : line;
        }
    }
}

internal static class Connections
{
    public static DuckDBConnection Opened(this DuckDBConnection connection)
    {
        if (connection.State != System.Data.ConnectionState.Open) connection.Open();
        return connection;
    }
}
