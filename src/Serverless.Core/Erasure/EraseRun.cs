using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Erasure;

/// <summary>
/// One erasure: partitions are rewritten and the rewriting is committed; then the old bytes go, and the rows that are kept elsewhere; last the condition itself. A
/// step that is repeated finds its own work done, so that killing it anywhere leaves nothing half erased once it was resumed.
/// </summary>
internal sealed class EraseRun(
    Workspace workspace, IDatasetHistory history, IObjectStore objects, IRowFilter filter, IDataEngine engine, RowSearch search, IModelRegistry registry, ICheckCatalogue checks,
    TimeProvider time)
    : IRunDefinition<EraseState>
{
    public string Kind => "erase";

    public string Subject(EraseState state) => state.Dataset;

    public IReadOnlyList<Transition<EraseState>> Transitions =>
    [
        new("requested", "committed", CommitAsync),
        new("committed", "removed", RemoveAsync),
        new("removed", "done", ForgetAsync),
    ];

    private async Task<Step<EraseState>> CommitAsync(RunContext<EraseState> context, CancellationToken cancel)
    {
        var state = context.State;
        var dataset = workspace.Dataset(state.Dataset);
        var condition = await EraseCondition.ReadAsync(objects, context.RunId, cancel);
        while (true)
        {
            var seen = await history.CommitsAsync(dataset.Name, cancel);
            if (seen.FirstOrDefault(c => c.Run == context.RunId) is { } mine) return Step<EraseState>.Next(state with { Report = Report(state, context.RunId, mine) });
            var hits = await search.PartitionsAsync(dataset, seen, condition, cancel);
            if (hits.Count == 0) return Step<EraseState>.Next(state with { Report = Report(state, context.RunId, null) });
            var erasures = new List<Partitions.Erasure>(hits.Count);
            foreach (var (partition, found) in hits)
            {
                context.Progress?.Report(new RunProgress($"rewriting {partition.Key}", (double)erasures.Count / hits.Count));
                erasures.Add(await new PartitionRewrite(objects, filter, engine).WriteAsync(partition, found, dataset, context.RunId, cancel));
            }

            var erased = new Commit
            {
                SchemaVersion = 2, // a program that does not know erasures would look for bytes that are gone
                Dataset = dataset.Name,
                Version = seen.Count + 1,
                Drop = "",
                File = "",
                Bytes = 0,
                WrittenAt = seen.Count > 0 && seen[^1].WrittenAt > time.GetUtcNow() ? seen[^1].WrittenAt : time.GetUtcNow(),
                By = state.By,
                Run = context.RunId,
                ContractVersion = dataset.ContractVersion,
                CodeVersion = CodeVersion.Current,
                Quarantined = 0,
                Partitions = [],
                Erasures = erasures,
                Reason = state.Reason,
            };
            var verdicts = await JudgeAsync(dataset, [.. seen, erased], cancel);
            if (verdicts.Count > 0) erased = erased with { SchemaVersion = 3, Verdicts = verdicts };

            // Whatever was stored since may hold such rows too: then it is looked at before anything is said.
            var commit = await history.AppendAsync(dataset.Name, (commits, _) => commits.Count != seen.Count ? null : erased, cancel);
            if (commit is not null) return Step<EraseState>.Next(state with { Report = Report(state, context.RunId, commit) });
        }
    }

    // A period of one partition is judged by its rewriting. Of several, what was said of all of them no longer holds.
    private async Task<IReadOnlyList<PeriodVerdict>> JudgeAsync(DatasetDefinition dataset, IReadOnlyList<Commit> after, CancellationToken cancel)
    {
        var erased = after[^1].Erasures.Select(e => e.Erased).ToHashSet(StringComparer.Ordinal);
        var concerned = DatasetHistory.Current([.. after.Take(after.Count - 1)]).Where(p => erased.Contains(p.Id)).Select(p => p.Key).ToHashSet(StringComparer.Ordinal);
        var merged = new MergedChecks(checks, objects, engine, time);
        var verdicts = new List<PeriodVerdict>();
        foreach (var period in DatasetHistory.Current(after).Where(p => concerned.Contains(p.Key)).GroupBy(p => p.Key, StringComparer.Ordinal))
        {
            PartitionRecord[] partitions = [.. period];
            if (partitions.Length > 1 || partitions[0].Entry.Together) verdicts.Add(await merged.JudgeAsync(dataset, partitions, cancel));
        }

        return verdicts;
    }

    private async Task<Step<EraseState>> RemoveAsync(RunContext<EraseState> context, CancellationToken cancel)
    {
        var (state, report) = (context.State, context.State.Report!);
        var dataset = workspace.Dataset(state.Dataset);
        var condition = await EraseCondition.ReadAsync(objects, context.RunId, cancel);
        var commits = await history.CommitsAsync(dataset.Name, cancel);
        var drops = Drops(commits, report).ToList();
        var files = new List<(IRowHolder Holder, string Key, FoundRows Found, IReadOnlyList<long> Rows)>();
        foreach (var holder in search.Holders)
        {
            foreach (var (key, found) in await search.ElsewhereAsync(holder, dataset, condition, cancel))
            {
                files.Add((holder, key, found, state.Unreadable ? [.. found.Matching.Concat(found.Unreadable).Order()] : found.Matching));
                if (files[^1].Rows.Count > 0 && holder is QuarantinedRows && QuarantinedRows.DropOf(dataset.Name, key, commits) is { } drop) drops.Add(drop);
            }
        }

        // Landing first: what tells which drops are concerned is still there if this is interrupted.
        var landing = await search.DropsAsync(dataset.Name, drops, cancel);
        foreach (var key in landing) await objects.DeleteAsync(key, cancel);
        var elsewhere = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (holder, key, found, rows) in files.Where(f => f.Rows.Count > 0))
        {
            context.Progress?.Report(new RunProgress($"removing from {holder.Name}", null));
            await RewriteAsync(key, holder.Form, rows, found.Rows, cancel);
            elsewhere[holder.Name] = elsewhere.GetValueOrDefault(holder.Name) + rows.Count;
        }

        var rejected = await search.RejectedAsync(dataset.Name, cancel);
        var unreadable = files.Sum(f => (long)f.Found.Unreadable.Count) + rejected.Count(k => !k.EndsWith("/reason.json", StringComparison.Ordinal));
        foreach (var key in state.Unreadable ? rejected : []) await objects.DeleteAsync(key, cancel);

        foreach (var erasure in report.Partitions) await new PartitionRewrite(objects, filter, engine).RemoveAsync(dataset.Name, erasure.Key, erasure.Erased, cancel);
        foreach (var holder in search.Holders) await holder.ForgetAsync(dataset.Name, [.. report.Partitions.Select(p => p.Erased)], cancel);
        return Step<EraseState>.Next(state with
        {
            Report = report with
            {
                Drops = [.. landing.Select(k => k[(k.LastIndexOf('/') + 1)..])], Elsewhere = elsewhere, Unreadable = unreadable, Models = await ModelsAsync(dataset.Name, report, cancel),
            },
        });
    }

    private async Task<Step<EraseState>> ForgetAsync(RunContext<EraseState> context, CancellationToken cancel)
    {
        await EraseCondition.ForgetAsync(objects, context.RunId, cancel);
        return Step<EraseState>.Next(context.State);
    }

    // Everything in one object at a time, replaced only if it is still the one that was read; one that changed meanwhile is read again by the next attempt.
    private async Task RewriteAsync(string key, RowForm form, IReadOnlyList<long> rows, long all, CancellationToken cancel)
    {
        if (form != RowForm.Predictions && rows.Count == all)
        {
            await objects.DeleteAsync(key, cancel);
            return;
        }

        using var file = await objects.MaterialiseAsync(key, cancel);
        var rewritten = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.parquet");
        try
        {
            await filter.RemoveAsync(file.Path, rewritten, form, rows, cancel);
            await using var content = File.OpenRead(rewritten);
            if (await objects.ReplaceAsync(key, content, file.Info.ETag, cancel) is null) throw new IOException($"'{key}' changed while it was rewritten");
        }
        finally
        {
            File.Delete(rewritten);
        }
    }

    /// <summary>The drops whose rows are concerned, through all the times that a partition was rewritten.</summary>
    private static IReadOnlyList<Commit> Drops(IReadOnlyList<Commit> commits, EraseReport report)
    {
        var before = commits.SelectMany(c => c.Erasures).Where(e => e.Replacement is not null).ToDictionary(e => e.Replacement!.Id, e => e.Erased, StringComparer.Ordinal);
        string First(string id) => before.TryGetValue(id, out var earlier) ? First(earlier) : id;
        var ids = report.Partitions.Select(p => First(p.Erased)).ToHashSet(StringComparer.Ordinal);
        return [.. commits.Where(c => c.Partitions.Any(p => ids.Contains(p.Id)))];
    }

    private async Task<IReadOnlyList<string>> ModelsAsync(string dataset, EraseReport report, CancellationToken cancel)
    {
        var erased = report.Partitions.Select(p => p.Erased).ToHashSet(StringComparer.Ordinal);
        var found = new List<string>();
        foreach (var model in await registry.ModelsAsync(cancel))
        {
            found.AddRange((await registry.VersionsAsync(model, cancel)).Where(v => v.Lineage.Sources().Any(s => s.Dataset == dataset && s.Partitions.Any(erased.Contains))).Select(v => $"{model} {v.Version}"));
        }

        return found;
    }

    private static EraseReport Report(EraseState state, string run, Commit? commit) => new()
    {
        Dataset = state.Dataset,
        Condition = state.Condition,
        Reason = state.Reason,
        Run = run,
        Version = commit?.Version,
        Partitions = commit?.Erasures ?? [],
        Rows = commit?.Erasures.Sum(e => e.Rows) ?? 0,
    };
}
