using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Serverless.Storage;

namespace Serverless.Local;

/// <summary>
/// Records in SQLite, one statement for each change, so each is atomic without a transaction. ETags are random: a record that was deleted and made again
/// never has one of its old ones.
/// </summary>
internal sealed class LocalRecordStore(LocalDatabase database) : IRecordStore
{
    private const int Page = 500;
    private const string NewETag = "lower(hex(randomblob(8)))";

    public Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
    {
        RecordKey.Check(table, partition, row);
        return RunAsync("read a record", c => c.Rows(
            "SELECT tbl, part, row, json, etag FROM records WHERE tbl = $1 AND part = $2 AND row = $3", Read, table, partition, row).SingleOrDefault(), cancel);
    }

    public Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) =>
        ChangeAsync($"INSERT INTO records VALUES ($1, $2, $3, $4, {NewETag}) ON CONFLICT DO NOTHING RETURNING etag", table, partition, row, json, null, cancel);

    public Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default) =>
        ChangeAsync($"UPDATE records SET json = $4, etag = {NewETag} WHERE tbl = $1 AND part = $2 AND row = $3 AND etag = $5 RETURNING etag",
            table, partition, row, json, etag, cancel);

    public async Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) =>
        (await ChangeAsync($"""
            INSERT INTO records VALUES ($1, $2, $3, $4, {NewETag})
            ON CONFLICT DO UPDATE SET json = excluded.json, etag = excluded.etag RETURNING etag
            """, table, partition, row, json, null, cancel))!;

    public Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default)
    {
        RecordKey.Check(table, partition, row);
        return RunAsync("delete a record", c => c.Change(
            "DELETE FROM records WHERE tbl = $1 AND part = $2 AND row = $3 AND ($4 = '' OR etag = $4)", table, partition, row, etag ?? "") == 1, cancel);
    }

    // Page by page, so that no connection and no read transaction stays open while the caller works (a long one would keep the WAL from shrinking).
    public async IAsyncEnumerable<StoredRecord> QueryAsync(
        string table, string partition, string? after = null, string? prefix = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        RecordKey.CheckPartition(table, partition);
        var last = after ?? "";
        while (true)
        {
            var from = last;
            var page = await RunAsync("list records", c => c.Rows("""
                SELECT tbl, part, row, json, etag FROM records
                WHERE tbl = $1 AND part = $2 AND row > $3 AND row >= $4 AND substr(row, 1, length($4)) = $4 ORDER BY row LIMIT $5
                """, Read, table, partition, from, prefix ?? "", Page), cancel);
            foreach (var record in page) yield return record;
            if (page.Count < Page) yield break;
            last = page[^1].Row;
        }
    }

    public async IAsyncEnumerable<string> PartitionsAsync(string table, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        RecordKey.CheckTable(table);
        var partitions = await RunAsync("list partitions", c => c.Rows("SELECT DISTINCT part FROM records WHERE tbl = $1 ORDER BY part", r => r.GetString(0), table), cancel);
        foreach (var partition in partitions) yield return partition;
    }

    private Task<string?> ChangeAsync(string sql, string table, string partition, string row, string json, string? etag, CancellationToken cancel)
    {
        RecordKey.Check(table, partition, row);
        RecordKey.CheckJson(table, row, json);
        return RunAsync("write a record", c => (etag is null
            ? c.Rows(sql, r => r.GetString(0), table, partition, row, json)
            : c.Rows(sql, r => r.GetString(0), table, partition, row, json, etag)).SingleOrDefault(), cancel);
    }

    // SQLite has no asynchronous calls, and each of ours is a fraction of a millisecond.
    private Task<T> RunAsync<T>(string activity, Func<SqliteConnection, T> work, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(database.Run(activity, work));
    }

    private static StoredRecord Read(SqliteDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4));
}
