namespace Serverless.Storage;

/// <summary>
/// Small JSON documents in tables, addressed by partition and row, changed by compare-and-swap. Names as Azure Tables allows them: a table is letters and
/// digits; partition and row keys have no <c>/ \ # ?</c> and no control characters. A document may be up to 500,000 characters.
/// </summary>
public interface IRecordStore
{
    Task<StoredRecord?> GetAsync(string table, string partition, string row, CancellationToken cancel = default);

    /// <summary>Inserts if absent. Returns the ETag, or null when a record with that key exists (it is left as it was).</summary>
    Task<string?> InsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default);

    /// <summary>Replaces if the ETag still matches. Returns the new ETag, or null on a conflict or when the record is gone.</summary>
    Task<string?> ReplaceAsync(string table, string partition, string row, string json, string etag, CancellationToken cancel = default);

    /// <summary>Inserts or replaces, whatever is there. Returns the new ETag.</summary>
    Task<string> UpsertAsync(string table, string partition, string row, string json, CancellationToken cancel = default);

    /// <summary>Deletes, when <paramref name="etag"/> is given only if it still matches. False when nothing was deleted.</summary>
    Task<bool> DeleteAsync(string table, string partition, string row, string? etag = null, CancellationToken cancel = default);

    /// <summary>Records of one partition in ordinal order of their rows; <paramref name="after"/> is exclusive, <paramref name="prefix"/> limits the rows.</summary>
    IAsyncEnumerable<StoredRecord> QueryAsync(string table, string partition, string? after = null, string? prefix = null, CancellationToken cancel = default);

    /// <summary>The distinct partition keys of a table, in ordinal order.</summary>
    IAsyncEnumerable<string> PartitionsAsync(string table, CancellationToken cancel = default);
}

public sealed record StoredRecord(string Table, string Partition, string Row, string Json, string ETag);
