using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Alerts;

/// <summary>An alert and the ETag by which it can be replaced.</summary>
internal sealed record StoredAlert(Alert Alert, string ETag);

/// <summary>Alerts in the record store: table <c>alerts</c>, one partition, row = id. Every change is a compare-and-swap.</summary>
internal sealed class AlertRecords(IRecordStore records, TimeProvider time, ILogger<AlertRecords>? logger = null) : IAlerts
{
    private const string Table = StoreNames.Tables.Alerts;
    private const string Partition = "alert";
    private const int KnownSchema = 1;

    private readonly ILogger log = logger ?? NullLogger<AlertRecords>.Instance;

    public async Task<IReadOnlyList<Alert>> ListAsync(CancellationToken cancel = default) =>
    [
        .. (await AllAsync(cancel)).Select(a => a.Alert)
            .OrderBy(a => a.Status switch { AlertStatus.Firing => 0, AlertStatus.Pending => 1, _ => 2 })
            .ThenByDescending(a => a.Status == AlertStatus.Firing ? a.Severity : default)
            .ThenByDescending(a => a.LastSeen).ThenBy(a => a.Id, StringComparer.Ordinal),
    ];

    public async Task<Alert?> FindAsync(string id, CancellationToken cancel = default) => (await ResolveAsync(id, cancel))?.Alert;

    public Task<Alert> AcknowledgeAsync(string id, string by, string? comment, CancellationToken cancel = default) => ChangeAsync(id, alert =>
        alert.Status != AlertStatus.Firing
            ? throw new RequestException($"alert '{alert.Id}' does not fire{(alert.ResolvedAt is { } over ? $": it is over since {over.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")}; there is nothing to acknowledge.")
            : alert with { Acknowledged = new Acknowledgement(by, time.GetUtcNow(), comment) }, cancel);

    public Task<Alert> RetryAsync(string id, CancellationToken cancel = default) => ChangeAsync(id, alert =>
        alert.Notifications.All(n => n.Status is not (NotificationStatus.Failed or NotificationStatus.Waiting))
            ? throw new RequestException($"every message of alert '{alert.Id}' was sent; there is nothing to retry.")
            : alert with
            {
                Notifications = [.. alert.Notifications.Select(n => n.Status is NotificationStatus.Failed or NotificationStatus.Waiting
                    ? n with { Status = NotificationStatus.Waiting, Attempts = 0, NotBefore = null } : n)],
            }, cancel);

    /// <summary>Every alert that this version can read.</summary>
    public async Task<IReadOnlyList<StoredAlert>> AllAsync(CancellationToken cancel)
    {
        var found = new List<StoredAlert>();
        await foreach (var stored in records.QueryAsync(Table, Partition, cancel: cancel))
        {
            try
            {
                found.Add(Read(stored));
            }
            catch (EnvironmentException e)
            {
                AlertsLog.AlertUnread(log, stored.Row, e.Message);
            }
        }

        return found;
    }

    public async Task<StoredAlert?> GetAsync(string id, CancellationToken cancel) =>
        await records.GetAsync(Table, Partition, id, cancel) is { } stored ? Read(stored) : null;

    /// <summary>
    /// Replaces the alert by what <paramref name="change"/> makes of it, again from the start when somebody else was quicker. The change returns the same alert (or null)
    /// to leave it as it is. Returns the alert as stored, null when there is none.
    /// </summary>
    public async Task<Alert?> UpdateAsync(string id, Func<Alert?, Alert?> change, CancellationToken cancel)
    {
        while (true)
        {
            var before = await GetAsync(id, cancel);
            var after = change(before?.Alert);
            if (after is null || ReferenceEquals(after, before?.Alert)) return before?.Alert;
            var json = JsonSerializer.Serialize(after, ServerlessJson.Options);
            var etag = before is null ? await records.InsertAsync(Table, Partition, id, json, cancel) : await records.ReplaceAsync(Table, Partition, id, json, before.ETag, cancel);
            if (etag is not null) return after;
        }
    }

    private async Task<Alert> ChangeAsync(string id, Func<Alert, Alert> change, CancellationToken cancel)
    {
        var found = await ResolveAsync(id, cancel) ?? throw new RequestException($"there is no alert '{id}'. 'serverless-ml alerts' lists them.");
        return (await UpdateAsync(found.Alert.Id, alert => alert is null ? null : change(alert), cancel))!;
    }

    private async Task<StoredAlert?> ResolveAsync(string id, CancellationToken cancel)
    {
        if (id.Length is 0 or > 128 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) return null;
        if (await GetAsync(id, cancel) is { } exact) return exact;
        var like = new List<StoredRecord>();
        await foreach (var stored in records.QueryAsync(Table, Partition, prefix: id, cancel: cancel)) like.Add(stored);
        return like.Count switch
        {
            0 => null,
            1 => Read(like[0]),
            _ => throw new RequestException($"{like.Count} alerts begin with '{id}': {string.Join(", ", like.Take(5).Select(l => l.Row))}. Write more of it."),
        };
    }

    private static StoredAlert Read(StoredRecord stored)
    {
        try
        {
            using var document = JsonDocument.Parse(stored.Json);
            if (document.RootElement.TryGetProperty("schemaVersion", out var version) && version.TryGetInt32(out var number) && number > KnownSchema)
            {
                throw new EnvironmentException($"alert '{stored.Row}' was written by a newer version (schemaVersion {number}; this one reads up to {KnownSchema}). Update this installation.");
            }

            return new StoredAlert(document.Deserialize<Alert>(ServerlessJson.Options) ?? throw new JsonException("it is null"), stored.ETag);
        }
        catch (JsonException e)
        {
            throw new EnvironmentException($"the record of alert '{stored.Row}' is damaged: {e.Message}", e);
        }
    }
}
