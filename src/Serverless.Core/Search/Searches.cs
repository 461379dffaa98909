using System.Text.Json;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Workspaces;

namespace Serverless.Search;

internal sealed class Searches(Workspace workspace, IRunEngine engine, TrialRecords trials, TimeProvider time) : ISearches
{
    public const string Kind = "search";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static RequestException NotConfigured(string model, string file) =>
        new($"no search is configured for '{model}'; write in {file} what it may cost, such as 'search: {{ budget: {{ trials: 40, minutes: 30 }} }}'");

    public async Task<string> StartAsync(SearchRequest request, CancellationToken cancel = default)
    {
        var model = workspace.Model(request.Model);
        if (model.Search is null) throw NotConfigured(model.Name, model.File);
        return await engine.StartAsync(new SearchState { Model = model.Name, AsOf = request.AsOf, Reason = request.Reason, By = request.By, Train = request.Train }, cancel: cancel);
    }

    public async Task<string?> UnfinishedAsync(string model, CancellationToken cancel = default)
    {
        await foreach (var run in engine.ListAsync(Kind, model, cancel))
        {
            if (run.Status == RunStatus.Running) return run.Id;
        }

        return null;
    }

    public async Task<SearchView> LookAsync(string run, CancellationToken cancel = default)
    {
        var record = await engine.FindAsync(run, cancel);
        if (record is not { Kind: Kind } || record.Data.Deserialize<SearchState>(ServerlessJson.Options) is not { } state) throw new RequestException($"there is no search '{run}'. 'serverless-ml runs --kind search' lists them.");
        var found = await trials.OfAsync(run, record.CreatedAt, cancel);
        string[] open = record.Status != RunStatus.Running ? [] : [.. found.Where(t => t.Run.Status == RunStatus.Running).Select(t => t.Run.Id), .. state.Report?.Training is { } training && (await engine.FindAsync(training, cancel))?.Status == RunStatus.Running ? [training] : Array.Empty<string>()];
        return new SearchView(record, found, open)
        {
            Metric = state.Plan?.Metric, MoreIsBetter = state.Plan?.MoreIsBetter ?? true, Most = state.Plan?.Trials, Begun = state.Begun, Deadline = state.Plan?.Deadline, Report = state.Report,
            Best = state.Plan is { } plan ? SearchRunDefinition.Best(plan, found) : null,
        };
    }

    public async Task<RunRecord> DriveAsync(string run, int workers, IProgress<SearchView>? progress, CancellationToken cancel = default)
    {
        await LookAsync(run, cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        Task[] all = [WatchAsync(), .. Enumerable.Range(0, Math.Max(1, workers)).Select(_ => WorkAsync())];
        try
        {
            // The first fault (a full disk) ends all of it, and is what is told.
            foreach (var _ in all)
            {
                var ended = await Task.WhenAny(all.Where(t => !t.IsCompletedSuccessfully).DefaultIfEmpty(Task.CompletedTask));
                await ended;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return (await engine.FindAsync(run, cancel))!;

        async Task WatchAsync() => await engine.DriveAsync(run, null, stop.Token);

        async Task WorkAsync()
        {
            while (true)
            {
                var view = await LookAsync(run, stop.Token);
                progress?.Report(view);
                if (view.Run.Status != RunStatus.Running) return;
                string? mine;
                lock (taken)
                {
                    mine = view.Open.FirstOrDefault(o => !taken.Contains(o));
                    if (mine is not null) taken.Add(mine);
                }

                if (mine is null)
                {
                    await Task.Delay(Pause, time, stop.Token);
                    continue;
                }

                await engine.DriveAsync(mine, null, stop.Token);
                lock (taken) taken.Remove(mine);
            }
        }
    }
}
