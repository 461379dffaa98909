using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Serverless.Storage;

namespace Serverless.Azure;

/// <summary>Records as entities. A document is cut over string properties <c>J00</c>, <c>J01</c>, ... because one may hold only 64 KiB.</summary>
internal sealed class TableRecordStore(AzureStore store, IdSource ids) : IRecordStore
{
    private const int Piece = 32_000;
    private const string Writer = "Writer";

    public Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default)
    {
        RecordKey.Check(table, partition, row);
        return RunAsync(table, "read a record", async client =>
        {
            var found = await client.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancel);
            return found.HasValue ? Read(table, found.Value!) : null;
        });
    }

    public Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) =>
        WriteAsync(table, partition, row, json, (client, entity) => client.AddEntityAsync(entity, cancel), cancel);

    public Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default) =>
        WriteAsync(table, partition, row, json, (client, entity) => client.UpdateEntityAsync(entity, new ETag(etag), TableUpdateMode.Replace, cancel), cancel);

    public async Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default) =>
        (await WriteAsync(table, partition, row, json, (client, entity) => client.UpsertEntityAsync(entity, TableUpdateMode.Replace, cancel), cancel))!;

    public Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default)
    {
        RecordKey.Check(table, partition, row);
        return RunAsync(table, "delete a record", async client =>
        {
            try
            {
                return (await client.DeleteEntityAsync(partition, row, etag is null ? ETag.All : new ETag(etag), cancel)).Status < 300;
            }
            catch (RequestFailedException e) when (e.Status == 412)
            {
                return false;
            }
        });
    }

    public async IAsyncEnumerable<StoredRecord> QueryAsync(
        string table, string partition, string? after = null, string? prefix = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        RecordKey.CheckPartition(table, partition);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition}");
        if (!string.IsNullOrEmpty(after)) filter += " and " + TableClient.CreateQueryFilter($"RowKey gt {after}");
        if (!string.IsNullOrEmpty(prefix))
        {
            // Keys have no character from U+FFFE on, so this is above every key with the prefix.
            filter += " and " + TableClient.CreateQueryFilter($"RowKey ge {prefix}") + " and " + TableClient.CreateQueryFilter($"RowKey lt {prefix + '\uFFFF'}");
        }

        await foreach (var entity in EntitiesAsync(table, filter, null, null, cancel)) yield return Read(table, entity);
    }

    // Tables cannot tell distinct values, but can find the next partition after one: a request for each.
    public async IAsyncEnumerable<string> PartitionsAsync(string table, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        RecordKey.CheckTable(table);
        for (string? last = null; ;)
        {
            string? next = null;
            var filter = last is null ? null : TableClient.CreateQueryFilter($"PartitionKey gt {last}");
            await foreach (var entity in EntitiesAsync(table, filter, 1, ["PartitionKey"], cancel))
            {
                next = entity.PartitionKey;
                break;
            }

            if (next is null) yield break;
            yield return next;
            last = next;
        }
    }

    private async IAsyncEnumerable<TableEntity> EntitiesAsync(string table, string? filter, int? page, string[]? select, [EnumeratorCancellation] CancellationToken cancel)
    {
        await store.ReadyAsync();
        var found = store.Tables.GetTableClient(table).QueryAsync<TableEntity>(filter, page, select, cancel).GetAsyncEnumerator(cancel);
        await using (found)
        {
            while (await AzureErrors.GuardAsync($"list records (table '{table}')", async () => await found.MoveNextAsync())) yield return found.Current;
        }
    }

    private Task<string?> WriteAsync(
        string table, string partition, string row, string json, Func<TableClient, TableEntity, Task<Response>> send, CancellationToken cancel)
    {
        RecordKey.Check(table, partition, row);
        RecordKey.CheckJson(table, row, json);
        return RunAsync(table, "write a record", async client =>
        {
            var writer = ids.Next(16);
            try
            {
                return (await send(client, Write(partition, row, json, writer))).Headers.ETag!.Value.ToString("H");
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412 || (e.Status == 404 && e.ErrorCode != "TableNotFound"))
            {
                // When an answer is lost and the request repeated, the conflict may be with ourselves: the writer tells.
                var present = await client.GetEntityIfExistsAsync<TableEntity>(partition, row, [Writer, "odata.etag"], cancel);
                return present.HasValue && present.Value!.GetString(Writer) == writer ? present.Value.ETag.ToString("H") : null;
            }
        });
    }

    private static TableEntity Write(string partition, string row, string json, string writer)
    {
        var entity = new TableEntity(partition, row) { [Writer] = writer };
        for (int start = 0, piece = 0; start < json.Length || piece == 0; piece++)
        {
            var length = Math.Min(Piece, json.Length - start);
            if (length > 0 && start + length < json.Length && char.IsHighSurrogate(json[start + length - 1])) length--;
            entity[PieceName(piece)] = json.Substring(start, length);
            start += length;
        }

        return entity;
    }

    private static StoredRecord Read(string table, TableEntity entity)
    {
        var json = entity.GetString(PieceName(0)) ?? "";
        for (var piece = 1; entity.GetString(PieceName(piece)) is { } more; piece++) json += more;
        return new StoredRecord(table, entity.PartitionKey, entity.RowKey, json, entity.ETag.ToString("H"));
    }

    private static string PieceName(int piece) => "J" + piece.ToString("d2", CultureInfo.InvariantCulture);

    private async Task<T> RunAsync<T>(string table, string activity, Func<TableClient, Task<T>> work)
    {
        await store.ReadyAsync();
        return await AzureErrors.GuardAsync($"{activity} (table '{table}')", () => work(store.Tables.GetTableClient(table)));
    }
}
