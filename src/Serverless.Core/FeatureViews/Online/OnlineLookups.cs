using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.FeatureViews.Online;

/// <summary>Values of online tables for requests that do not bring them, through a small cache. What is not there or too old is missing, and counted.</summary>
internal sealed class OnlineLookups(OnlineTable online, TimeProvider time, Scoring.Enrichment.Enrichments? enrichments = null)
{
    /// <summary>What comes from elsewhere than views; null in a host without.</summary>
    public Scoring.Enrichment.Enrichments? Enrichments => enrichments;

    private const int Most = 50_000;
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);
    private static readonly Meter Meter = new("Serverless.FeatureViews");
    private static readonly Counter<long> Failed = Meter.CreateCounter<long>("serverless.features.failed", description: "Looks into an online table that the store did not answer.");
    private static readonly Counter<long> Missing = Meter.CreateCounter<long>("serverless.features.missing", description: "Looked-up values that were not there or too old.");

    private readonly ConcurrentDictionary<(string Source, string Key), (OnlineHead? Head, OnlineValue? Value, long Until)> cache = new();

    /// <summary>Fills the columns of a row that were not given.</summary>
    public void Fill(RawRow row, bool[] seen, RawSchema schema, IReadOnlyList<int> slots)
    {
        foreach (var slot in slots)
        {
            if (seen[slot]) continue;
            var lookup = schema.Columns[slot].Lookup!;
            if (KeyOf(row, schema, lookup) is not { } key || !Set(row, slot, lookup, schema.Columns[slot], key)) Missing.Add(1, new KeyValuePair<string, object?>("source", lookup.Source));
        }
    }

    /// <summary>Adds what such a row looks up and what is not in memory.</summary>
    public void Want(RawRow row, bool[] seen, RawSchema schema, IReadOnlyList<int> slots, HashSet<(string Source, string Key)> wanted)
    {
        var now = time.GetUtcNow().UtcTicks;
        foreach (var slot in slots)
        {
            if (seen[slot] || KeyOf(row, schema, schema.Columns[slot].Lookup!) is not { } key) continue;
            var at = (schema.Columns[slot].Lookup!.Source, key);
            if (!cache.TryGetValue(at, out var found) || found.Until <= now) wanted.Add(at);
        }
    }

    /// <summary>Reads values into memory, those of one table in one go. What the store does not answer stays as it was known.</summary>
    public Task FetchAsync(IEnumerable<(string Source, string Key)> wanted, CancellationToken cancel) =>
        Task.WhenAll(wanted.GroupBy(w => w.Source, w => w.Key, StringComparer.Ordinal).Select(source => FetchAsync(source.Key, [.. source], cancel)));

    private async Task FetchAsync(string source, IReadOnlyList<string> keys, CancellationToken cancel)
    {
        (OnlineHead? Head, IReadOnlyDictionary<string, OnlineValue> Values)? read = null;
        try
        {
            read = await online.ReadAsync(source, keys, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (IsSilent(e))
        {
            Failed.Add(keys.Count, new KeyValuePair<string, object?>("source", source));
        }

        var until = time.GetUtcNow().UtcTicks + Kept.Ticks;
        if (cache.Count + keys.Count > Most) cache.Clear();
        foreach (var key in keys)
        {
            cache.TryGetValue((source, key), out var known);
            cache[(source, key)] = read is var (head, values) ? (head, values.GetValueOrDefault(key), until) : (known.Head, known.Value, until);
        }
    }

    // A store that does not answer, or an answer that nobody can read.
    private static bool IsSilent(Exception e) => e is EnvironmentException or DataException or IOException or TimeoutException;

    private bool Set(RawRow row, int slot, LookupDefinition lookup, RawColumn column, string key)
    {
        var (head, value) = Get(lookup.Source, key);
        if (head is null || value is null || head.Ttl is { } ttl && time.GetUtcNow().UtcTicks - value.Time > ttl.Ticks) return false;
        var at = -1;
        var name = lookup.Kind == LookupKind.View ? lookup.Column : column.Name;
        for (var i = 0; i < head.Features.Count; i++) if (head.Features[i] == name) at = i;
        if (at < 0 || value.Values[at] is not { } cell) return false;
        // A view may have changed the type of a feature since the model learned from it: then there is no such value.
        switch (cell.ValueKind, column.Type)
        {
            case (JsonValueKind.Number, ColumnType.Integer) when cell.TryGetInt64(out var whole): row.SetInteger(slot, whole); return true;
            case (JsonValueKind.Number, ColumnType.Number): row.SetNumber(slot, cell.GetDouble()); return true;
            case (JsonValueKind.True or JsonValueKind.False, ColumnType.Boolean): row.SetBoolean(slot, cell.GetBoolean()); return true;
            case (JsonValueKind.Number, ColumnType.Timestamp) when cell.TryGetInt64(out var ticks): row.SetTimestamp(slot, ticks); return true;
            case (JsonValueKind.String, ColumnType.String): row.SetText(slot, cell.GetString()); return true;
            default: return false;
        }
    }

    private (OnlineHead? Head, OnlineValue? Value) Get(string source, string key)
    {
        var now = time.GetUtcNow().UtcTicks;
        if (cache.TryGetValue((source, key), out var found) && found.Until > now) return (found.Head, found.Value);
        if (cache.Count >= Most) cache.Clear();
        var (head, value) = Read(source, key, found.Head, found.Value);
        cache[(source, key)] = (head, value, now + Kept.Ticks);
        return (head, value);
    }

    // A row is read in one go, without a place to wait. Requests fetch first, so that this is for rows that nobody fetched for: those that a version answers in the dark, and of the command line. A store
    // that does not answer is no reason to refuse: what was known last goes on to count, as long as it is not too old, and a key never seen is missing.
    private (OnlineHead? Head, OnlineValue? Value) Read(string source, string key, OnlineHead? knownHead, OnlineValue? known)
    {
        try
        {
            return online.ReadAsync(source, key, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (IsSilent(e))
        {
            Failed.Add(1, new KeyValuePair<string, object?>("source", source));
            return (knownHead, known);
        }
    }

    private static string? KeyOf(RawRow row, RawSchema schema, LookupDefinition lookup)
    {
        var parts = new string[lookup.Keys.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            var slot = schema.Slot(lookup.Keys[i].Column);
            if (slot < 0 || !row.Present[slot]) return null;
            parts[i] = schema.Columns[slot].Type switch
            {
                ColumnType.String => row.Texts[slot]!,
                ColumnType.Boolean => row.Numbers[slot] != 0 ? "true" : "false",
                _ => row.Ticks[slot].ToString(CultureInfo.InvariantCulture),
            };
        }

        return OnlineTable.KeyText(parts);
    }
}
