using System.Text.Json;
using Serverless.Problems;

namespace Serverless.Storage;

/// <summary>Leases as records. A released lease stays as a record without holder, so that its token never goes back.</summary>
internal sealed class RecordLeases(IRecordStore records, TimeProvider time, IdSource ids) : ILeases
{
    private const int Schema = 1;

    // Names this process for people who read the table; whether a lease is still held is decided by its ETag alone.
    private readonly string holder = $"{Environment.MachineName}-{Environment.ProcessId}-{ids.Next(6)}";

    public async Task<Lease?> TryAcquireAsync(string purpose, string name, TimeSpan duration, CancellationToken cancel = default)
    {
        CheckDuration(duration);
        var found = await records.GetAsync(StoreNames.Tables.Leases, purpose, name, cancel);
        var before = found is null ? null : Read(found);
        if (before?.Holder is not null && before.Expires > time.GetUtcNow()) return null;

        var entry = new Entry { Holder = holder, Token = (before?.Token ?? 0) + 1, Expires = time.GetUtcNow() + duration };
        var etag = found is null
            ? await records.InsertAsync(StoreNames.Tables.Leases, purpose, name, Write(entry), cancel)
            : await records.ReplaceAsync(StoreNames.Tables.Leases, purpose, name, Write(entry), found.ETag, cancel);
        return etag is null ? null : new Lease(purpose, name, holder, entry.Token, entry.Expires, etag);
    }

    // An expired lease that nobody took meanwhile is still the holder's: the ETag proves it.
    public async Task<Lease?> RenewAsync(Lease lease, TimeSpan duration, CancellationToken cancel = default)
    {
        CheckDuration(duration);
        var expires = time.GetUtcNow() + duration;
        var entry = new Entry { Holder = lease.Holder, Token = lease.Token, Expires = expires };
        var etag = await records.ReplaceAsync(StoreNames.Tables.Leases, lease.Purpose, lease.Name, Write(entry), lease.ETag, cancel);
        return etag is null ? null : lease with { Expires = expires, ETag = etag };
    }

    public async Task ReleaseAsync(Lease lease, CancellationToken cancel = default) =>
        await records.ReplaceAsync(StoreNames.Tables.Leases, lease.Purpose, lease.Name,
            Write(new Entry { Holder = null, Token = lease.Token, Expires = time.GetUtcNow() }), lease.ETag, cancel);

    private static void CheckDuration(TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero) throw new RequestException($"a lease cannot last {duration}.");
    }

    private static string Write(Entry entry) => JsonSerializer.Serialize(entry, ServerlessJson.Options);

    private static Entry Read(StoredRecord record)
    {
        var entry = JsonSerializer.Deserialize<Entry>(record.Json, ServerlessJson.Options)!;
        return entry.SchemaVersion <= Schema ? entry : throw new EnvironmentException(
            $"lease '{record.Partition}/{record.Row}' has schema version {entry.SchemaVersion}; this Serverless {CodeVersion.Current} knows {Schema}. "
            + "Use the newer Serverless that wrote it.");
    }

    private sealed record Entry
    {
        public int SchemaVersion { get; init; } = Schema;

        public string? Holder { get; init; }

        public required long Token { get; init; }

        public required DateTimeOffset Expires { get; init; }
    }
}
