using System.Text.Json;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Storage;

namespace Serverless.Partitions;

/// <summary>
/// The checks of stored partitions, each period alone and all together, from the states beside them. Rows are read again only for what was not wanted when they were written, and for
/// figures of several partitions that cannot be had from theirs.
/// </summary>
internal sealed class MergedChecks(ICheckCatalogue checks, IObjectStore objects, IDataEngine engine, TimeProvider time)
{
    private const int KnownSchema = 1;
    private const int AtOnce = 4;

    private sealed record Part(IReadOnlyList<AggregateState?> States, IReadOnlyDictionary<int, string> Errors, int Scans, IReadOnlyList<string> Reread);

    public async Task<DatasetCheck> CheckAsync(DatasetDefinition dataset, IReadOnlyList<PartitionRecord> partitions, long quarantined, CancellationToken cancel)
    {
        var plan = checks.Plan(dataset);
        var parts = new Part[partitions.Count];
        await Parallel.ForAsync(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (i, stop) => parts[i] = await ReadAsync(dataset, plan, partitions[i], stop));
        // A period that came in several drops, or back from quarantine, is one period.
        var periods = Enumerable.Range(0, parts.Length).GroupBy(i => partitions[i].Key, StringComparer.Ordinal).ToArray();
        var whole = new List<Part>(periods.Length);
        foreach (var period in periods) whole.Add(await PeriodAsync(dataset, plan, [.. period.Select(i => parts[i])], [.. period.Select(i => partitions[i])], null, cancel));
        return await TogetherAsync(dataset, plan, whole, [.. periods.Select(p => (p.Key, partitions[p.Last()].Id))], partitions.Sum(p => p.Entry.Rows), quarantined,
            reread => FilesAsync(partitions, paths => engine.InspectAsync(paths, reread, cancel), cancel));
    }

    /// <summary>The same of a drop that is not stored.</summary>
    public Task<DatasetCheck> CheckAsync(DatasetDefinition dataset, PartitionedDrop drop, CancellationToken cancel)
    {
        var plan = checks.Plan(dataset);
        var files = drop.Partitions.Where(p => p.Inspection is not null).ToArray();
        Part[] parts = [.. files.Select(f => new Part(f.Inspection!.States, f.Inspection.Errors, 0, []))];
        return TogetherAsync(dataset, plan, parts, [.. files.Select(f => (f.Key, f.Key))], files.Sum(f => f.Rows), drop.Quarantined,
            reread => engine.InspectAsync([.. files.Select(f => f.Path!)], reread, cancel), files.Select(f => f.Inspection!.Scans).DefaultIfEmpty(0).Max());
    }

    /// <summary>What the checks say of a period when one more file is added to the partitions of it that are stored.</summary>
    public async Task<IReadOnlyList<CheckResult>> JudgeAsync(DatasetDefinition dataset, PartitionFile file, IReadOnlyList<PartitionRecord> stored, CancellationToken cancel)
    {
        var plan = checks.Plan(dataset);
        var parts = new List<Part>();
        foreach (var partition in stored) parts.Add(await ReadAsync(dataset, plan, partition, cancel));
        parts.Add(new Part(file.Inspection!.States, file.Inspection.Errors, 0, []));
        var period = await PeriodAsync(dataset, plan, parts, stored, file.Path, cancel);
        return plan.Evaluate(period.States, period.Errors);
    }

    /// <summary>What the checks say of some stored partitions of one period together.</summary>
    public async Task<PeriodVerdict> JudgeAsync(DatasetDefinition dataset, IReadOnlyList<PartitionRecord> period, CancellationToken cancel)
    {
        var plan = checks.Plan(dataset);
        var parts = new List<Part>();
        foreach (var partition in period) parts.Add(await ReadAsync(dataset, plan, partition, cancel));
        var whole = await PeriodAsync(dataset, plan, parts, period, null, cancel);
        var results = plan.Evaluate(whole.States, whole.Errors);
        return new PeriodVerdict { Key = period[0].Key, Partitions = [.. period.Select(p => p.Id)], Failed = PartitionStore.WorstFailure(results), Checks = results };
    }

    /// <summary>The parts of one period as one: their states added up, and rows read again for what does not add up.</summary>
    private async Task<Part> PeriodAsync(DatasetDefinition dataset, CheckPlan plan, IReadOnlyList<Part> parts, IReadOnlyList<PartitionRecord> stored, string? file, CancellationToken cancel)
    {
        if (parts.Count == 1) return parts[0];
        var errors = new Dictionary<int, string>();
        foreach (var (index, error) in parts.SelectMany(p => p.Errors)) errors.TryAdd(index, error);
        var states = parts.Select(p => p.States).Aggregate(CheckPlan.Merge).ToArray();
        var (scans, reread) = (parts.Sum(p => p.Scans), parts.SelectMany(p => p.Reread).ToHashSet(StringComparer.Ordinal));
        var missing = Enumerable.Range(0, states.Length).Where(i => states[i] is null && !errors.ContainsKey(i)).ToHashSet();
        if (missing.Count > 0)
        {
            var part = plan.Needing(missing);
            var inspection = await FilesAsync(stored, paths => engine.InspectAsync([.. paths, .. file is null ? [] : new[] { file }], dataset with { Checks = part.Definitions }, cancel), cancel);
            Fill(plan, part, inspection, missing, states, errors);
            scans += inspection.Scans;
            reread.UnionWith(inspection.Checks.Select(c => c.Metric ?? c.Check));
        }

        return new Part(states, errors, scans, [.. reread]);
    }

    private static async Task<DatasetCheck> TogetherAsync(DatasetDefinition dataset, CheckPlan plan, IReadOnlyList<Part> parts, IReadOnlyList<(string Key, string Id)> names, long rows,
        long quarantined, Func<DatasetDefinition, Task<Inspection>> read, int scans = 0)
    {
        IReadOnlyList<CheckResult>[] alone = [.. parts.Select(p => plan.Evaluate(p.States, p.Errors))];
        var errors = new Dictionary<int, string>();
        foreach (var (part, name) in parts.Zip(names))
        {
            foreach (var (index, error) in part.Errors) errors.TryAdd(index, parts.Count > 1 ? $"partition {name.Key}: {error}" : error);
        }

        var states = parts.Count == 0 ? [.. plan.Aggregates.Select(_ => (AggregateState?)null)] : parts.Select(p => p.States).Aggregate(CheckPlan.Merge).ToArray();
        var reread = parts.SelectMany(p => p.Reread).ToHashSet(StringComparer.Ordinal);
        scans += parts.Sum(p => p.Scans);
        var missing = Enumerable.Range(0, states.Length).Where(i => states[i] is null && !errors.ContainsKey(i)).ToHashSet();
        if (missing.Count > 0 && parts.Count > 0)
        {
            var part = plan.Needing(missing);
            var inspection = await read(dataset with { Checks = part.Definitions });
            Fill(plan, part, inspection, missing, states, errors);
            scans += inspection.Scans;
            reread.UnionWith(inspection.Checks.Select(c => c.Metric ?? c.Check));
        }

        var together = plan.EvaluateTogether(states, errors, alone);
        return new DatasetCheck
        {
            Status = together.Concat(alone.SelectMany(a => a)).Any(c => c.Outcome is Outcome.Failed or Outcome.Errored && c.Severity >= Severity.Error) ? CheckStatus.Failed : CheckStatus.Passed,
            Rows = rows, Quarantined = quarantined, Checks = together, Scans = scans, Reread = [.. reread.Order(StringComparer.Ordinal)],
            Partitions = [.. names.Zip(alone, (n, a) => new PartitionVerdict(n.Key, n.Id, a))],
        };
    }

    private async Task<Part> ReadAsync(DatasetDefinition dataset, CheckPlan plan, PartitionRecord partition, CancellationToken cancel)
    {
        var stored = await StoredAsync(Path.ChangeExtension(partition.Entry.Path, ".checks.json"), cancel);
        var profile = plan.Aggregates.Any(CheckPlan.InProfile) ? await ProfileAsync(Path.ChangeExtension(partition.Entry.Path, ".profile.json"), cancel) : null;
        var states = plan.Restore(stored?.States ?? [], () => profile).ToArray();
        for (var i = 0; i < states.Length; i++)
        {
            if (plan.Aggregates[i] is not { Kind: AggregateKind.Reference } wanted) continue;
            if (wanted.Text == "now") states[i] = At(time.GetUtcNow());
            else if (states[i] is null && wanted.Text == "end" && Start(partition.Key) is { } start) states[i] = At(ReferenceTime.End(start, dataset.Partition.Grain));
            else states[i] ??= At(partition.WrittenAt);
        }

        var missing = Enumerable.Range(0, states.Length).Where(i => states[i] is null).ToHashSet();
        if (missing.Count == 0) return new Part(states, new Dictionary<int, string>(), 0, []);
        var (part, errors) = (plan.Needing(missing), new Dictionary<int, string>());
        var inspection = await FilesAsync([partition], paths => engine.InspectAsync(paths, dataset with { Checks = part.Definitions }, cancel), cancel);
        Fill(plan, part, inspection, missing, states, errors);
        return new Part(states, errors, inspection.Scans, [.. inspection.Checks.Select(c => c.Metric ?? c.Check)]);
    }

    private static void Fill(CheckPlan plan, CheckPlan part, Inspection inspection, HashSet<int> missing, AggregateState?[] states, Dictionary<int, string> errors)
    {
        for (var i = 0; i < part.Aggregates.Count; i++)
        {
            var slot = plan.SlotOf(part.Aggregates[i]);
            if (!missing.Contains(slot)) continue;
            states[slot] = inspection.States[i];
            if (inspection.Errors.TryGetValue(i, out var error)) errors[slot] = error;
        }
    }

    private async Task<PartitionChecks?> StoredAsync(string key, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return null;
        try
        {
            using var document = await JsonDocument.ParseAsync(stream, default, cancel);
            if (document.RootElement.TryGetProperty("schemaVersion", out var version) && version.GetInt32() > KnownSchema)
            {
                throw new DataException($"'{key}' has schemaVersion {version.GetInt32()}; this program knows up to {KnownSchema}. A newer program wrote it: update this one.");
            }

            return document.Deserialize<PartitionChecks>(ServerlessJson.Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new DataException($"'{key}' is damaged: it was changed since it was written. Its partition is whole; remove the file, and the rows are read instead.", e);
        }
    }

    private async Task<ProfileState?> ProfileAsync(string key, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return null;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancel);
        return StoredProfile.ReadState(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), key);
    }

    private async Task<Inspection> FilesAsync(IReadOnlyList<PartitionRecord> partitions, Func<IReadOnlyList<string>, Task<Inspection>> read, CancellationToken cancel)
    {
        var files = new List<LocalObject>(partitions.Count);
        try
        {
            foreach (var partition in partitions) files.Add(await objects.MaterialiseAsync(partition.Entry.Path, cancel));
            return await read([.. files.Select(f => f.Path)]);
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }

    private static ExtremesState At(DateTimeOffset moment) => At(ReferenceTime.Of(moment));

    private static ExtremesState At(double microseconds) => new(microseconds, microseconds);

    private static long? Start(string key) =>
        DateTimeOffset.TryParseExact(key, ["yyyy-MM-dd", "yyyy-MM", "yyyy-MM-dd'T'HH"], System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal, out var start) ? (long)ReferenceTime.Of(start) : null;
}
