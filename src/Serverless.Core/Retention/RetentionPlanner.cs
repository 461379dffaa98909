using System.Globalization;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Retention;

/// <summary>
/// Decides what may go. A version stays while it is champion or named by an alias, was champion lately (the way back), waits for a person, takes part in a rollout, or answered a prediction that the log still has; and with a
/// version stays every partition that it learned from.
/// </summary>
internal sealed class RetentionPlanner(Workspace workspace, IObjectStore objects, IModelRegistry registry, AliasMoves aliases, IDatasetHistory history, IRunEngine runs, TimeProvider time, ILoggedVersions? logged = null,
    IEnumerable<IVersionHolder>? holders = null)
{
    /// <summary>Champions before the present one that a roll back, or the fall-back of a damaged champion, may need.</summary>
    private const int WayBack = 3;

    private RetentionSettings Settings => workspace.Retention;

    public async Task<RetentionPlan> PlanAsync(CancellationToken cancel)
    {
        var (remove, keep) = (new List<RetainedItem>(), new List<RetainedItem>());
        await PredictionsAsync(remove, cancel);
        var going = remove.SelectMany(i => i.Keys).ToHashSet(StringComparer.Ordinal);
        var partitions = new HashSet<string>(StringComparer.Ordinal);
        foreach (var model in await registry.ModelsAsync(cancel)) await VersionsAsync(model, going, partitions, remove, keep, cancel);
        await LeftoversAsync(remove, cancel);
        await CandidatesAsync(remove, cancel);
        foreach (var dataset in workspace.Datasets.Keys.Order(StringComparer.Ordinal)) await SupersededAsync(dataset, partitions, remove, keep, cancel);
        return new RetentionPlan(remove, keep);
    }

    private async Task PredictionsAsync(List<RetainedItem> remove, CancellationToken cancel)
    {
        if (Settings.Predictions is not { } age) return;
        var limit = DateOnly.FromDateTime((time.GetUtcNow() - age).UtcDateTime);
        var files = new List<(string Model, DateOnly Day, ObjectInfo File)>();
        await foreach (var file in objects.ListAsync(StoreNames.Containers.Predictions, cancel: cancel))
        {
            var parts = file.Key.Split('/');
            if (parts.Length > 3 && parts[2].StartsWith("date=", StringComparison.Ordinal) && DateOnly.TryParseExact(parts[2][5..], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < limit)
            {
                files.Add((parts[1], day, file));
            }
        }

        remove.AddRange(files.GroupBy(f => (f.Model, f.Day)).Select(g => new RetainedItem("predictions", g.Key.Model, Text(g.Key.Day), $"older than {Days(age)}", g.Sum(f => f.File.Size)) { Keys = [.. g.Select(f => f.File.Key)] }));
    }

    private async Task VersionsAsync(string model, HashSet<string> going, HashSet<string> partitions, List<RetainedItem> remove, List<RetainedItem> keep, CancellationToken cancel)
    {
        var versions = await registry.VersionsAsync(model, cancel);
        var reasons = new Dictionary<int, string>();
        foreach (var (alias, version) in await aliases.AllAsync(model, cancel)) reasons.TryAdd(version, $"it is {alias}");
        foreach (var before in await aliases.ChampionsBeforeAsync(model, WayBack, cancel)) reasons.TryAdd(before, "it was champion lately, and a roll back may need it");
        foreach (var held in await HeldAsync(model, cancel)) reasons.TryAdd(held.Version, held.Reason);
        foreach (var v in versions.Where(v => v.Status == VersionStatus.AwaitingApproval)) reasons.TryAdd(v.Version, "it waits for approval");
        var newest = versions.Select(v => v.Version).OrderDescending().Take(Settings.Versions).ToHashSet();
        var old = versions.Where(v => Settings.VersionAge is { } age && time.GetUtcNow() - v.CreatedAt > age && !newest.Contains(v.Version) && !reasons.ContainsKey(v.Version)).ToArray();
        var answered = old.Length == 0 ? [] : await AnsweredAsync(model, going, cancel);
        foreach (var v in versions)
        {
            if (old.Contains(v) && answered is not null && !answered.Contains(v.Version))
            {
                var files = await FilesAsync(VersionFiles.Folder(model, v.Version), cancel);
                remove.Add(new RetainedItem("version", model, Number(v.Version), $"older than {Days(Settings.VersionAge!.Value)}, beyond the newest {Settings.Versions}, and nothing refers to it", files.Sum(f => f.Size)) { Keys = [.. files.Select(f => f.Key)] });
                continue;
            }

            foreach (var (_, used) in v.Lineage.Sources()) partitions.UnionWith(used);
            var why = reasons.GetValueOrDefault(v.Version) ?? (!old.Contains(v) ? null : answered is null ? "the prediction log cannot be read, so it may have answered" : "a prediction of the log refers to it");
            if (why is not null) keep.Add(new RetainedItem("version", model, Number(v.Version), why, v.Bytes));
        }
    }

    /// <summary>Versions that others than the registry need.</summary>
    public async Task<IReadOnlyList<HeldVersion>> HeldAsync(string model, CancellationToken cancel)
    {
        var held = new List<HeldVersion>();
        foreach (var holder in holders ?? []) held.AddRange(await holder.HeldAsync(model, cancel));
        return held;
    }

    // Null: it cannot be known, so each may be meant.
    private async Task<HashSet<int>?> AnsweredAsync(string model, HashSet<string> going, CancellationToken cancel)
    {
        var found = new HashSet<int>();
        var files = (await FilesAsync($"{StoreNames.Containers.Predictions}/{model}/", cancel)).Where(f => !going.Contains(f.Key) && f.Key.EndsWith(".parquet", StringComparison.Ordinal)).ToArray();
        if (files.Length == 0) return found;
        if (logged is null) return null;
        foreach (var some in files.Chunk(64))
        {
            var local = new List<LocalObject>();
            try
            {
                foreach (var file in some) local.Add(await objects.MaterialiseAsync(file.Key, cancel));
                found.UnionWith(await logged.VersionsAsync([.. local.Select(l => l.Path)], cancel));
            }
            catch (Exception e) when (e is Problems.DataException or ObjectMissingException)
            {
                return null;
            }
            finally
            {
                foreach (var one in local) one.Dispose();
            }
        }

        return found;
    }

    // Files of a version whose record is gone: a removal was killed half-way. A record comes before its files, so nothing new looks like this.
    private async Task LeftoversAsync(List<RetainedItem> remove, CancellationToken cancel)
    {
        var folders = new Dictionary<(string Model, int Version), List<ObjectInfo>>();
        await foreach (var file in objects.ListAsync(StoreNames.Containers.Models, cancel: cancel))
        {
            var parts = file.Key.Split('/');
            if (parts.Length < 4 || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var version)) continue;
            if (!folders.TryGetValue((parts[1], version), out var files)) folders[(parts[1], version)] = files = [];
            files.Add(file);
        }

        foreach (var ((model, version), files) in folders)
        {
            if (await aliases.HasRecordAsync(model, version, cancel)) continue;
            remove.Add(new RetainedItem("leftover", model, Number(version), "the version was removed, and this is left of it", files.Sum(f => f.Size)) { Keys = [.. files.Select(f => f.Key)] });
        }
    }

    private async Task CandidatesAsync(List<RetainedItem> remove, CancellationToken cancel)
    {
        if (Settings.Candidates is not { } age) return;
        await foreach (var file in objects.ListAsync($"{StoreNames.Containers.Runs}/train-", cancel: cancel))
        {
            var parts = file.Key.Split('/');
            if (parts.Length != 3 || parts[2] != "model.zip" || time.GetUtcNow() - file.Modified <= age) continue;
            if (await runs.FindAsync(parts[1], cancel) is not { Status: not RunStatus.Running } run) continue;
            remove.Add(new RetainedItem("candidate", run.Subject, run.Id, $"the training ended more than {Days(age)} ago; what it found stays", file.Size) { Keys = [file.Key] });
        }
    }

    private async Task SupersededAsync(string dataset, HashSet<string> used, List<RetainedItem> remove, List<RetainedItem> keep, CancellationToken cancel)
    {
        if (Settings.Superseded is not { } age) return;
        var current = (await history.PartitionsAsync(dataset, null, cancel)).Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        var commits = await history.CommitsAsync(dataset, cancel);
        foreach (var partition in (await history.WrittenAsync(dataset, null, cancel)).Where(p => !current.Contains(p.Id)))
        {
            var since = commits.Where(c => c.Partitions.Any(p => p.Supersedes.Contains(partition.Id))).Select(c => (DateTimeOffset?)c.WrittenAt).FirstOrDefault();
            if (since is not { } at || time.GetUtcNow() - at <= age || await objects.HeadAsync(partition.Entry.Path, cancel) is not { } file) continue;
            if (used.Contains(partition.Id)) keep.Add(new RetainedItem("partition", dataset, partition.Id, "a version that is kept learned from it", file.Size));
            else remove.Add(new RetainedItem("partition", dataset, partition.Id, $"superseded more than {Days(age)} ago, and no version that is kept learned from it", file.Size) { Keys = [file.Key] });
        }
    }

    private async Task<List<ObjectInfo>> FilesAsync(string prefix, CancellationToken cancel)
    {
        var files = new List<ObjectInfo>();
        await foreach (var file in objects.ListAsync(prefix, cancel: cancel)) files.Add(file);
        return files;
    }

    private static string Days(TimeSpan age) => age.TotalDays == 1 ? "1 day" : string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0.##} days");

    private static string Number(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
