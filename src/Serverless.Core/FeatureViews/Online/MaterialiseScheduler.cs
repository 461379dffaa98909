using Cronos;
using Serverless.Partitions;
using Serverless.Runs;

namespace Serverless.FeatureViews.Online;

/// <summary>Starts refreshes of online tables: at their schedule or after new data, when what they mean changed, and once when the newest value has become too old, so that this is told. The run's id comes from its cause, so any number of processes start one.</summary>
internal sealed class MaterialiseScheduler(OnlineSources sources, OnlineTable online, IDatasetHistory history, IRunEngine runs)
{
    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        foreach (var source in sources.Names.ToArray())
        {
            var commits = await history.CommitsAsync(sources.DatasetOf(source), cancel);
            if (commits.Count == 0) continue;
            var (head, newest) = ((await online.HeadAsync(source, cancel))?.Head, commits[^1]);
            if (head is not null && head.Definition != sources.DefinitionOf(source))
            {
                await StartAsync(source, "definition", "its definition changed", newest.WrittenAt, $"definition-{sources.DefinitionOf(source)}-{head.Generation}", cancel);
            }
            else if (sources.IsView(source) && head is { Ttl: { } ttl, Newest: { } of } && head.At - of <= ttl && now - of > ttl)
            {
                await StartAsync(source, "freshness", $"its newest value is of {of:u}, older than its time to live", of + ttl, $"stale-{head.Generation}", cancel);
            }
            else if (sources.RefreshOf(source) is { } cron && head is not null)
            {
                if (CronExpression.Parse(cron).GetNextOccurrence(head.At.UtcDateTime) is not { } due || due > now.UtcDateTime) continue;
                await StartAsync(source, "schedule", $"its refresh was due at {due:u}", new DateTimeOffset(due, TimeSpan.Zero), $"due-{head.Generation}", cancel);
            }
            else if (head is null || newest.Version > head.DatasetVersion)
            {
                await StartAsync(source, "new-data", $"new data: version {newest.Version} of '{sources.DatasetOf(source)}'", newest.WrittenAt, $"data-{newest.Version}", cancel);
            }
        }
    }

    private Task StartAsync(string source, string by, string reason, DateTimeOffset about, string key, CancellationToken cancel) =>
        runs.StartAsync(new MaterialiseState { Source = source, By = by, Reason = reason }, RunIds.Derived("materialise", about, source, key), cancel);
}
