using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Tracking;

/// <summary>
/// The same data (as of the same time, the same partitions), model file, seed and champion, whatever the workspace says today. Stores nothing: no version, no run, no signal.
/// </summary>
internal sealed class Reproduction(IRunEngine runs, CandidateStore candidates, ModelTraining training, IDatasetHistory history, Workspace workspace, TimeProvider time) : IReproduction
{
    public async Task<ReproductionReport> ReproduceAsync(string run, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        var record = await runs.FindAsync(run, cancel) ?? throw new RequestException($"there is no run '{run}'. 'serverless-ml runs' lists them.");
        if (record.Kind != "train") throw new RequestException($"run '{run}' is of kind '{record.Kind}'; only trainings can be reproduced.");
        if (record.Status == RunStatus.Running) throw new RequestException($"run '{run}' is under way; wait until it has ended.");
        var state = record.Data.Deserialize<TrainState>(ServerlessJson.Options) ?? throw new DataException($"the record of run '{run}' is empty.");
        ReproductionReport Impossible(string why) => new() { Run = run, Model = state.Model, Equal = false, Impossible = why };
        if (await candidates.FindAsync(run, cancel) is not { } recorded) return Impossible($"the run ended before it had trained anything{(record.Reason is { } reason ? $": {reason}" : "")}");
        if (await candidates.DefinitionAsync(run, cancel) is not { } sources) return Impossible("the run did not keep its definition; runs do since this version");
        if (await MissingAsync(recorded.Lineage, cancel) is { } missing) return Impossible(missing);
        try
        {
            var then = WorkspaceLoader.Recorded(workspace, sources.Sources, sources.Hash);
            var from = time.GetTimestamp();
            var trained = await training.TrainAsync(run, FoundSettings.Apply(state.Found, then.Model(state.Model)), then, state.AsOf ?? record.CreatedAt, progress, cancel, state.Import, recorded);
            var before = Convert.ToHexStringLower(SHA256.HashData(await candidates.ModelAsync(run, cancel)));
            var now = Convert.ToHexStringLower(SHA256.HashData(trained.Model));
            var differences = Outcomes(recorded, trained.Result, before, now);
            return new ReproductionReport
            {
                Run = run, Model = state.Model, Equal = differences.Count == 0, RecordedSha256 = before, Sha256 = now, Differences = differences,
                Conditions = Conditions(recorded, trained.Result), Seconds = Math.Round(time.GetElapsedTime(from).TotalSeconds, 3),
            };
        }
        catch (DataException e)
        {
            return Impossible(e.Message);
        }
        catch (ConfigurationException e)
        {
            return Impossible($"this version does not read the files that the run kept: {e.Message}");
        }
    }

    private async Task<string?> MissingAsync(Lineage lineage, CancellationToken cancel)
    {
        foreach (var (dataset, partitions) in lineage.Sources())
        {
            if (await MissingAsync(dataset, partitions, cancel) is { } missing) return missing;
        }

        return null;
    }

    private async Task<string?> MissingAsync(string dataset, IReadOnlyList<string> partitions, CancellationToken cancel)
    {
        var commits = await history.CommitsAsync(dataset, cancel);
        foreach (var id in partitions)
        {
            if (commits.FirstOrDefault(c => c.Erasures.Any(e => e.Erased == id)) is { } erasure)
            {
                var erased = erasure.Erasures.First(e => e.Erased == id);
                return $"partition '{id}' ({erased.Key}) that it learned from was rewritten on {erasure.WrittenAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}: {erased.Rows} of its rows were erased (run {erasure.Run}); the same data exist no more";
            }

            if (!commits.Any(c => c.Partitions.Any(p => p.Id == id) || c.Erasures.Any(e => e.Replacement?.Id == id)))
            {
                return $"partition '{id}' that it learned from is not in the history of dataset '{dataset}' any more";
            }
        }

        return null;
    }

    private static List<RunDifference> Outcomes(TrainingResult recorded, TrainingResult now, string before, string after)
    {
        var found = new List<RunDifference>();
        if (before != after) found.Add(new RunDifference("model", "sha-256", before, after));
        string[] only = [.. recorded.Lineage.Partitions.Except(now.Lineage.Partitions)], other = [.. now.Lineage.Partitions.Except(recorded.Lineage.Partitions)];
        if (only.Length + other.Length > 0) found.Add(new RunDifference("data", "partitions", string.Join(", ", only), string.Join(", ", other)));
        foreach (var view in recorded.Lineage.Views ?? [])
        {
            var again = now.Lineage.Views?.FirstOrDefault(v => v.Name == view.Name);
            string[] mine = [.. view.Partitions.Except(again?.Partitions ?? [])], others = [.. (again?.Partitions ?? []).Except(view.Partitions)];
            if (mine.Length + others.Length > 0) found.Add(new RunDifference("data", $"partitions of {view.Name}", string.Join(", ", mine), string.Join(", ", others)));
        }

        Compare("candidate", recorded.Metrics.Candidate, now.Metrics.Candidate, found);
        Compare("baseline", recorded.Metrics.Baseline, now.Metrics.Baseline, found);
        if (now.Metrics.Champion is not null || recorded.Metrics.Champion is null) Compare("champion", recorded.Metrics.Champion, now.Metrics.Champion, found);
        else found.Add(new RunDifference("champion", $"version {recorded.Champion}", "evaluated", $"not evaluated: {now.ChampionSkipped ?? "it is gone"}"));
        return found;
    }

    private static void Compare(string who, IReadOnlyDictionary<string, double>? before, IReadOnlyDictionary<string, double>? after, List<RunDifference> found)
    {
        string? Of(IReadOnlyDictionary<string, double>? metrics, string name) => metrics is not null && metrics.TryGetValue(name, out var value) ? value.ToString("R", CultureInfo.InvariantCulture) : null;
        foreach (var name in (before?.Keys ?? []).Union(after?.Keys ?? []))
        {
            if (Of(before, name) != Of(after, name)) found.Add(new RunDifference(who, name, Of(before, name), Of(after, name)));
        }
    }

    private static List<RunDifference> Conditions(TrainingResult recorded, TrainingResult now)
    {
        (string Area, string Name, string? Left, string? Right)[] all =
        [
            ("code", "version", recorded.Lineage.CodeVersion, now.Lineage.CodeVersion), ("environment", "os", recorded.Environment.Os, now.Environment.Os),
            ("environment", "processors", $"{recorded.Environment.Cpus}", $"{now.Environment.Cpus}"), ("environment", ".NET", recorded.Environment.DotNet, now.Environment.DotNet),
            ("environment", "library", recorded.Environment.Library, now.Environment.Library),
        ];
        return [.. all.Where(c => c.Left != c.Right).Select(c => new RunDifference(c.Area, c.Name, c.Left, c.Right))];
    }
}
