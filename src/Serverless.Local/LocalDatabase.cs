using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Serverless.Problems;

namespace Serverless.Local;

/// <summary>
/// The SQLite file with records and queues. WAL, so that readers never wait; synchronous=FULL, so that what was acknowledged survives a power cut too
/// (kill -9 alone would be survived with any setting, because the operating system has the pages): it costs one fsync for each change, and there are few.
/// Connections are kept open; each is used by one caller at a time.
/// </summary>
internal sealed class LocalDatabase(LocalFolder folder) : IDisposable
{
    private const int Schema = 1;

    private readonly ConcurrentBag<SqliteConnection> idle = [];
    private readonly Lock gate = new();
    private volatile bool opened;
    private volatile bool disposed;

    /// <summary>Runs a piece of work on a connection of its own.</summary>
    public T Run<T>(string activity, Func<SqliteConnection, T> work)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return Disk.Guard(folder.Root, activity, () =>
        {
            try
            {
                Open();
                var connection = idle.TryTake(out var kept) ? kept : Connect();
                try
                {
                    var result = work(connection);
                    if (disposed) connection.Dispose();
                    else idle.Add(connection);
                    return result;
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            }
            catch (SqliteException e)
            {
                throw Explain(e, activity);
            }
        });
    }

    public void Dispose()
    {
        disposed = true;
        while (idle.TryTake(out var connection)) connection.Dispose();
    }

    // Numbers of https://sqlite.org/rescode.html
    private Exception Explain(SqliteException e, string activity) => e.SqliteErrorCode switch
    {
        13 => Disk.FullAt(folder.Root, activity, e),
        11 or 26 => new EnvironmentException($"'{folder.Database}' is damaged ({e.Message}): could not {activity}. "
            + $"Restore it from a backup; objects in '{folder.Objects}' are not affected.", e),
        8 or 14 or 23 => new EnvironmentException($"'{folder.Database}' cannot be opened for writing ({e.Message}): could not {activity}. "
            + "Give this user the right to read and write there.", e),
        10 => new EnvironmentException($"the disk of the store '{folder.Root}' reports an error ({e.Message}): could not {activity}. "
            + "Free some space and check the health of the disk.", e),
        5 or 6 => new EnvironmentException($"'{folder.Database}' was locked for a minute: could not {activity}. "
            + "Look for a stopped process that still has this store open, and end it.", e),
        _ => e,
    };

    private void Open()
    {
        if (opened) return;
        lock (gate)
        {
            if (opened) return;
            folder.Open();
            using var connection = Connect();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version";
            if ((long)command.ExecuteScalar()! == 0) Create(connection);
            var found = (int)(long)command.ExecuteScalar()!;
            StoreVersion.Check($"'{folder.Database}'", found, Schema, null);
            opened = true;
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = folder.Database, Pooling = false, DefaultTimeout = 60 }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout=60000; PRAGMA synchronous=FULL;";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // One transaction, begun for writing: of several processes that make the file at once, one does it and the others see it done.
    private static void Create(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL";
        command.ExecuteNonQuery();
        using var transaction = connection.BeginTransaction(deferred: false);
        command.Transaction = transaction;
        command.CommandText = "PRAGMA user_version";
        if ((long)command.ExecuteScalar()! != 0) return;
        command.CommandText = $"""
            CREATE TABLE records (
              tbl TEXT NOT NULL, part TEXT NOT NULL, row TEXT NOT NULL, json TEXT NOT NULL, etag TEXT NOT NULL,
              PRIMARY KEY (tbl, part, row)) WITHOUT ROWID;
            CREATE TABLE messages (
              id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
              visible INTEGER NOT NULL, deliveries INTEGER NOT NULL, receipt TEXT NULL);
            CREATE INDEX messages_by_time ON messages (queue, visible, id);
            PRAGMA user_version = {Schema};
            """;
        command.ExecuteNonQuery();
        transaction.Commit();
    }
}
