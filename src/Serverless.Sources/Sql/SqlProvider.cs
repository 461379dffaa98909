using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Serverless.Sources.Sql;

/// <summary>A database that can be a source. Register one in the host to add another: <c>services.AddSingleton(new SqlProvider("oracle", OracleClientFactory.Instance))</c>.</summary>
/// <param name="Name">As dataset files write it.</param>
/// <param name="Factory">The ADO.NET provider.</param>
public sealed record SqlProvider(string Name, DbProviderFactory Factory)
{
    /// <summary>Makes the connection string one that only reads.</summary>
    public Func<string, string> Harden { get; init; } = static c => c;

    /// <summary>Statement that makes a transaction read only; null where the connection does, or nothing can.</summary>
    public string? ReadOnly { get; init; }

    /// <summary>So that all rows of a query are of one moment.</summary>
    public IsolationLevel Isolation { get; init; } = IsolationLevel.Unspecified;

    /// <summary>The database has no type for times: the watermark goes in as the text that came out.</summary>
    public bool TimesAreText { get; init; }
}

internal static class SqlProviders
{
    public static SqlProvider Sqlite(DbProviderFactory factory) => new("sqlite", factory)
    {
        Harden = c => new SqliteConnectionStringBuilder(c) { Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString,
        ReadOnly = "PRAGMA query_only=ON",
        TimesAreText = true,
    };

    public static SqlProvider Postgres(DbProviderFactory factory) => new("postgres", factory)
    {
        Harden = c =>
        {
            var builder = new NpgsqlConnectionStringBuilder(c) { Pooling = false, ApplicationName = "serverless-ml", Timezone = "UTC" };
            builder.Options = $"{builder.Options} -c default_transaction_read_only=on".Trim();
            return builder.ConnectionString;
        },
        ReadOnly = "SET TRANSACTION READ ONLY",
        Isolation = IsolationLevel.RepeatableRead,
    };
}
