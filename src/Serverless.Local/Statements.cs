using Microsoft.Data.Sqlite;

namespace Serverless.Local;

internal static class Statements
{
    /// <summary>A statement with its parameters ($1, $2, ...).</summary>
    public static SqliteCommand Statement(this SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i + 1}", values[i]);
        return command;
    }

    /// <summary>All rows. Reading to the end also makes sure that a changing statement has done all its work.</summary>
    public static List<T> Rows<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object> values)
    {
        using var command = connection.Statement(sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    public static int Change(this SqliteConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        using var command = connection.Statement(sql, values);
        return command.ExecuteNonQuery();
    }
}
