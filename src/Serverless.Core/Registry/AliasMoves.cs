using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Registry;

/// <summary>Moves aliases by compare-and-swap and keeps the append-only audit.</summary>
internal sealed class AliasMoves(IRecordStore records, TimeProvider time, IdSource ids)
{
    public async Task<int?> VersionAsync(string model, string alias, CancellationToken cancel) =>
        await records.GetAsync(StoreNames.Tables.Aliases, model, alias, cancel) is { } row
            ? RegistryJson.Pick(row.Json, root => root.GetProperty("version").GetInt32(), What(model, alias)) : null;

    public async Task<AuditEntry?> CurrentMoveAsync(string model, string alias, CancellationToken cancel) => (await FindAsync(model, alias, cancel))?.Alias.Move;

    /// <summary>Every alias of a model, with its version.</summary>
    public async Task<IReadOnlyList<(string Alias, int Version)>> AllAsync(string model, CancellationToken cancel)
    {
        var found = new List<(string, int)>();
        await foreach (var row in records.QueryAsync(StoreNames.Tables.Aliases, model, cancel: cancel))
        {
            found.Add((row.Row, RegistryJson.Pick(row.Json, root => root.GetProperty("version").GetInt32(), What(model, row.Row))));
        }

        return found;
    }

    /// <summary>The last different champions before the present one, the latest first.</summary>
    public async Task<IReadOnlyList<int>> ChampionsBeforeAsync(string model, int most, CancellationToken cancel) =>
        await FindAsync(model, Alias.Champion, cancel) is { } found ? [.. found.Alias.Before.Reverse().Where(v => v != found.Alias.Version).Distinct().Take(most)] : [];

    /// <summary>True when the version exists or is being registered.</summary>
    public async Task<bool> HasRecordAsync(string model, int version, CancellationToken cancel) => await records.GetAsync(StoreNames.Tables.Versions, model, RowOf(version), cancel) is not null;

    public static string RowOf(int version) => version.ToString("D10", CultureInfo.InvariantCulture);

    /// <summary>The version that going back would lead to; null when there is none.</summary>
    public async Task<int?> BeforeAsync(string model, string alias, CancellationToken cancel) =>
        await FindAsync(model, alias, cancel) is { Alias.Before: [.., var last] } ? last : null;

    /// <param name="expected">Null = whatever it points at now.</param>
    /// <exception cref="RefusedException">It points there already, not where it was expected, or somebody else moved it meanwhile.</exception>
    public async Task<AuditEntry> MoveAsync(string model, string alias, int version, string action, string by, string comment, CancellationToken cancel, ExpectedChampion? expected = null)
    {
        var found = await FindAsync(model, alias, cancel);
        expected?.Require(model, alias, found?.Alias.Version, found?.Alias.Move);
        if (found?.Alias.Version == version) throw new RefusedException($"version {version} of model '{model}' is {alias} already");
        var before = found is { } f ? f.Alias.Before.Append(f.Alias.Version).ToArray() : [];
        return await SwapAsync(model, alias, found, version, before, action, by, comment, cancel);
    }

    /// <exception cref="RefusedException">There is nothing to go back to, it is not where it was expected, or somebody else moved it meanwhile.</exception>
    public async Task<AuditEntry> MoveBackAsync(string model, string alias, string by, string comment, CancellationToken cancel, ExpectedChampion? expected = null)
    {
        var there = await FindAsync(model, alias, cancel);
        expected?.Require(model, alias, there?.Alias.Version, there?.Alias.Move);
        var found = there ?? throw new RefusedException($"model '{model}' has no {alias}, so there is nothing to roll back");
        if (found.Alias.Before.Count == 0)
        {
            throw new RefusedException($"version {found.Alias.Version} is the first {alias} of model '{model}'; there is none before it to roll back to");
        }

        var before = found.Alias.Before;
        return await SwapAsync(model, alias, found, before[^1], [.. before.SkipLast(1)], "rolled-back", by, comment, cancel);
    }

    /// <summary>Adds an entry that is no move of an alias. The same key again changes nothing.</summary>
    public Task RecordAsync(AuditEntry entry, string key, CancellationToken cancel) => InsertAsync(entry, key, cancel);

    /// <summary>Copies what <paramref name="owed"/> the audit does not have yet, and the last move, and reads all of it, oldest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> AuditAsync(string model, IEnumerable<OwedEntry> owed, CancellationToken cancel)
    {
        await CompleteAsync(model, cancel);
        var entries = new SortedDictionary<string, AuditEntry>(StringComparer.Ordinal);
        await foreach (var row in records.QueryAsync(StoreNames.Tables.Audit, model, cancel: cancel))
        {
            entries[row.Row] = Entry(row);
        }

        foreach (var (entry, key) in owed)
        {
            if (!entries.TryAdd(RowOf(entry, key), entry)) continue;
            await InsertAsync(entry, key, cancel);
        }

        return [.. entries.Values];
    }

    // A move that cannot be read, whoever made it copies.
    private async Task CompleteAsync(string model, CancellationToken cancel)
    {
        try
        {
            if (await FindAsync(model, Alias.Champion, cancel) is { } champion) await CompleteAsync(champion.Alias, cancel);
        }
        catch (EnvironmentException)
        {
            return;
        }
    }

    // An entry that a newer program wrote hides none of the others, and is not passed over in silence: its time is in its key.
    private static AuditEntry Entry(StoredRecord row)
    {
        try
        {
            return RegistryJson.Read(row.Json, RegistryJson.Instance.AuditRecord, $"entry '{row.Row}' of the audit of model '{row.Partition}'").Entry;
        }
        catch (EnvironmentException e)
        {
            var at = long.TryParse(row.Row.AsSpan(0, Math.Min(19, row.Row.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
            return new AuditEntry(row.Partition, "unreadable", null, null, "unknown", e.Message, at);
        }
    }

    private async Task<AuditEntry> SwapAsync(string model, string alias, Found? found, int version, IReadOnlyList<int> before, string action, string by, string comment, CancellationToken cancel)
    {
        if (found is not null) await CompleteAsync(found.Alias, cancel);
        var entry = new AuditEntry(model, action, version, found?.Alias.Version, by, comment, time.GetUtcNow());
        var record = new AliasRecord { Version = version, Before = before, Move = entry, MoveId = $"move-{ids.Next(6)}" };
        var json = JsonSerializer.Serialize(record, RegistryJson.Instance.AliasRecord);
        var etag = found is null
            ? await records.InsertAsync(StoreNames.Tables.Aliases, model, alias, json, cancel)
            : await records.ReplaceAsync(StoreNames.Tables.Aliases, model, alias, json, found.ETag, cancel);
        if (etag is null)
        {
            var now = await VersionAsync(model, alias, cancel);
            throw new RefusedException($"somebody else moved the {alias} of model '{model}' meanwhile (from {Text(found?.Alias.Version)} to {Text(now)}); look at it and try again");
        }

        await CompleteAsync(record, cancel);
        return entry;
    }

    private static string Text(int? version) => version is { } v ? $"version {v.ToString(CultureInfo.InvariantCulture)}" : "none";

    private Task CompleteAsync(AliasRecord alias, CancellationToken cancel) => InsertAsync(alias.Move, alias.MoveId, cancel);

    private async Task InsertAsync(AuditEntry entry, string key, CancellationToken cancel)
    {
        await records.InsertAsync(StoreNames.Tables.Audit, entry.Model, RowOf(entry, key), JsonSerializer.Serialize(new AuditRecord { Entry = entry }, RegistryJson.Instance.AuditRecord), cancel);
    }

    private static string RowOf(AuditEntry entry, string key) => $"{entry.At.UtcTicks.ToString("D19", CultureInfo.InvariantCulture)}-{key}";

    private async Task<Found?> FindAsync(string model, string alias, CancellationToken cancel) =>
        await records.GetAsync(StoreNames.Tables.Aliases, model, alias, cancel) is { } row
            ? new Found(RegistryJson.Read(row.Json, RegistryJson.Instance.AliasRecord, What(model, alias)), row.ETag) : null;

    private static string What(string model, string alias) => $"the {alias} of model '{model}'";

    private sealed record Found(AliasRecord Alias, string ETag);
}
