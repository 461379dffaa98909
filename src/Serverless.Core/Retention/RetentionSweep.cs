using System.Globalization;
using System.Text.Json;
using Serverless.Registry;
using Serverless.Storage;

namespace Serverless.Retention;

/// <summary>
/// Carries out a plan. Who lets a version go is in the audit before it goes; its record goes before its files, so nobody meets half of one; what a killed sweep leaves is found by the next as a leftover.
/// </summary>
internal sealed class RetentionSweep(RetentionPlanner planner, IObjectStore objects, IRecordStore records, AliasMoves aliases, TimeProvider time, IdSource ids) : IRetention
{
    public Task<RetentionPlan> PlanAsync(CancellationToken cancel = default) => planner.PlanAsync(cancel);

    public async Task<RetentionPlan> RemoveAsync(string by, string comment, CancellationToken cancel = default)
    {
        var plan = await planner.PlanAsync(cancel);
        var (removed, kept) = (new List<RetainedItem>(), plan.Keep.ToList());
        foreach (var item in plan.Remove)
        {
            if (item.Kind == "version" && !await ForgetAsync(item, by, comment, cancel))
            {
                kept.Add(item with { Reason = "it was made champion, released or changed meanwhile" });
                continue;
            }

            foreach (var key in item.Keys) await objects.DeleteAsync(key, cancel);
            removed.Add(item);
        }

        var done = new RetentionPlan(removed, kept);
        if (removed.Count > 0) await ReportAsync(done, by, comment, cancel);
        return done;
    }

    private async Task<bool> ForgetAsync(RetainedItem item, string by, string comment, CancellationToken cancel)
    {
        var version = int.Parse(item.Name, CultureInfo.InvariantCulture);
        var row = AliasMoves.RowOf(version);
        if (await records.GetAsync(StoreNames.Tables.Versions, item.Subject, row, cancel) is not { } record) return true;
        await aliases.RecordAsync(new AuditEntry(item.Subject, "removed", version, null, by, comment.Length > 0 ? $"{comment} ({item.Reason})" : item.Reason, time.GetUtcNow()), $"removed-{row}", cancel);
        if (!await records.DeleteAsync(StoreNames.Tables.Versions, item.Subject, row, record.ETag, cancel)) return false;
        // Somebody may have promoted or released it between the look and the removal: the files are still there, and it comes back.
        if ((await aliases.AllAsync(item.Subject, cancel)).All(a => a.Version != version) && (await planner.HeldAsync(item.Subject, cancel)).All(h => h.Version != version)) return true;
        await records.InsertAsync(StoreNames.Tables.Versions, item.Subject, row, record.Json, cancel);
        return false;
    }

    private async Task ReportAsync(RetentionPlan done, string by, string comment, CancellationToken cancel)
    {
        var at = time.GetUtcNow();
        var key = string.Create(CultureInfo.InvariantCulture, $"{StoreNames.Containers.Runs}/retention/{at.UtcDateTime:yyyyMMddHHmmss}-{ids.Next(6)}.json");
        await objects.PutIfAbsentAsync(key, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 1, at, by, comment, bytes = done.Bytes, removed = done.Remove }, ServerlessJson.Indented)), cancel);
    }
}
