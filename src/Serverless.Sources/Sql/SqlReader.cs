using System.Data.Common;
using System.Globalization;
using Serverless.Partitions;
using Serverless.Runs;
using Serverless.Secrets;

namespace Serverless.Sources.Sql;

/// <summary>The rows of a query, in one read-only transaction, streamed into a file: what is in memory does not grow with them.</summary>
internal sealed class SqlReader(IEnumerable<SqlProvider> providers, ISourceLimits limits, SecretReader secrets, Retries retries) : ISourceReader
{
    private const int RowsBetweenReports = 10_000;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public string Kind => "sql";

    public async Task<Fetched> FetchAsync(FetchRequest request, CancellationToken cancel)
    {
        var source = (SqlSource)request.Source;
        var provider = providers.LastOrDefault(p => p.Name == source.Provider) ?? throw new SourceException($"this host has no database provider '{source.Provider}'.");
        var connection = await secrets.GetAsync(source.Connection, cancel);
        // A watermark stays valid while its column is the same: beginning anew would bring every row twice.
        var of = source.Since is null ? null : $"since {source.Since.Column}";
        var since = source.Since is null ? null : request.Mark.Of == of ? request.Mark.Until ?? source.Since.First : source.Since.First;
        var drop = Path.Combine(request.Folder, "drop");
        var what = $"{source.Provider} ({source.Connection})";
        var (rows, until) = await retries.RunAsync(what, source.Retry, token => QueryAsync(request, source, provider, connection, since, drop, token), cancel);
        var mark = new SourceMark { Of = of, Until = until };
        if (rows == 0) return new Fetched { Mark = mark, NothingNew = since is null ? "the query gave no rows" : $"no rows after {since}" };
        return new Fetched
        {
            Mark = mark,
            Files =
            [
                new FetchedFile
                {
                    Path = drop, Name = request.DropName(".jsonl"), Append = source.Appends,
                    Origin = new DropOrigin { Source = source.Name, Kind = Kind, Run = request.Run, Address = $"{source.Provider}:{source.Connection}", Since = since, Until = until, Rows = rows },
                },
            ],
        };
    }

    private async Task<(long Rows, string? Until)> QueryAsync(FetchRequest request, SqlSource source, SqlProvider provider, string connectionString, string? since, string drop, CancellationToken cancel)
    {
        await using var place = await limits.EnterAsync(request.Dataset.Name, source, request.Run, source.Timeout + Grace, cancel);
        long rows = 0;
        try
        {
            await using var connection = provider.Factory.CreateConnection() ?? throw new SourceException($"the provider '{provider.Name}' makes no connections.");
            connection.ConnectionString = Hardened(provider, connectionString, source);
            await OpenAsync(connection, cancel);
            await using var transaction = await connection.BeginTransactionAsync(provider.Isolation, cancel);
            if (provider.ReadOnly is { } readOnly)
            {
                await using var set = Command(connection, transaction, readOnly, source);
                await set.ExecuteNonQueryAsync(cancel);
            }

            await using var query = Command(connection, transaction, source.Query, source);
            if (since is not null)
            {
                var parameter = query.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ("@since", Typed(since, provider));
                query.Parameters.Add(parameter);
            }

            await using var reader = await query.ExecuteReaderAsync(cancel);
            var watermark = new Watermark(since);
            await using var file = new FileStream(drop, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
            var writer = new RowWriter(reader, file);
            var column = source.Since is { } settings ? Ordinal(reader, settings.Column) : -1;
            for (; await reader.ReadAsync(cancel); rows++)
            {
                writer.Write();
                if (column >= 0 && RowWriter.Text(reader.GetValue(column)) is { } value) watermark.See(value);
                if (rows % RowsBetweenReports == 0) request.Progress?.Report(new RunProgress($"{rows} rows of {source.Name}", null));
                if (file.Position > source.MaxBytes) throw new SourceException($"the query gave more than {source.MaxBytes} bytes (maxSize), after {rows + 1} rows.");
            }

            return (rows, source.Since is null ? null : watermark.Value);
        }
        catch (DbException e) when (!cancel.IsCancellationRequested)
        {
            var said = rows > 0 ? $"after {rows} rows: {e.Message}" : e.Message;
            throw e.IsTransient || e.InnerException is IOException or TimeoutException or System.Net.Sockets.SocketException ? new PassingException(said, inner: e) : new SourceException($"{provider.Name} ({source.Connection}): {said}", e);
        }
        catch (IOException e) when (e.InnerException is System.Net.Sockets.SocketException && !cancel.IsCancellationRequested)
        {
            throw new PassingException($"after {rows} rows: {e.Message}", inner: e);
        }
        catch (Exception e) when (e is OverflowException or InvalidCastException or FormatException)
        {
            throw new SourceException($"row {rows + 1} of the query has a value that cannot be read: {e.Message}", e);
        }
    }

    private static async Task OpenAsync(DbConnection connection, CancellationToken cancel)
    {
        try
        {
            await connection.OpenAsync(cancel);
        }
        catch (DbException e) when (e.SqlState is null && !cancel.IsCancellationRequested)
        {
            // No answer from a database that would have a state to tell: it may be starting.
            throw new PassingException($"no connection: {e.Message.TrimEnd('.')}{(e.InnerException is { } inner ? $" ({inner.Message.TrimEnd('.')})" : "")}.", inner: e);
        }
    }

    private static string Hardened(SqlProvider provider, string connection, SqlSource source)
    {
        try
        {
            return provider.Harden(connection);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // The message may repeat parts of the string, so it is left out.
            throw new SourceException($"what '{source.Connection}' holds is no connection string of '{provider.Name}' ({e.GetType().Name}).");
        }
    }

    private static DbCommand Command(DbConnection connection, DbTransaction transaction, string text, SqlSource source)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction, command.CommandTimeout) = (text, transaction, (int)Math.Ceiling(source.Timeout.TotalSeconds));
        return command;
    }

    private static int Ordinal(DbDataReader reader, string column)
    {
        var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        var at = Array.FindIndex(names, n => n.Equals(column, StringComparison.OrdinalIgnoreCase));
        return at >= 0 ? at : throw new SourceException($"the query gives no column '{column}', by which new rows are told.{Problems.Suggest.Hint(column, names)}");
    }

    private static object Typed(string since, SqlProvider provider)
    {
        if (long.TryParse(since, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return whole;
        if (decimal.TryParse(since, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return number;
        return !provider.TimesAreText && since.Length >= 10
            && DateTime.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : since;
    }
}
