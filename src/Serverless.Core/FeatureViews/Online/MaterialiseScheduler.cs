using Cronos;
using Serverless.Partitions;
using Serverless.Runs;

namespace Serverless.FeatureViews.Online;

/// <summary>Starts refreshes of online tables: at their schedule or after new data, when what they mean changed, and once when the newest value has become too old, so that this is told. The run's id comes from its cause, so any number of processes start one.</summary>
internal sealed class MaterialiseScheduler(OnlineSources sources, OnlineTable online, IDatasetHistory history, IRunEngine runs)
{
    internal const int MostTries = 24;
    private const string Again = "; again, because it failed";
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1), MostWait = TimeSpan.FromHours(1);

    public async Task TickAsync(DateTimeOffset now, CancellationToken cancel = default)
    {
        foreach (var source in sources.Names.ToArray())
        {
            var commits = await history.CommitsAsync(sources.DatasetOf(source), cancel);
            if (commits.Count == 0) continue;
            var (head, newest) = ((await online.HeadAsync(source, cancel))?.Head, commits[^1]);
            if (head is not null && head.Definition != sources.DefinitionOf(source))
            {
                await StartAsync(source, "definition", "its definition changed", newest.WrittenAt, $"definition-{sources.DefinitionOf(source)}-{head.Generation}", now, cancel);
            }
            else if (sources.IsView(source) && head is { Ttl: { } ttl, Newest: { } of } && head.At - of <= ttl && now - of > ttl)
            {
                await StartAsync(source, "freshness", $"its newest value is of {of:u}, older than its time to live", of + ttl, $"stale-{head.Generation}", now, cancel);
            }
            else if (sources.RefreshOf(source) is { } cron && head is not null)
            {
                if (CronExpression.Parse(cron).GetNextOccurrence(head.At.UtcDateTime) is not { } due || due > now.UtcDateTime) continue;
                await StartAsync(source, "schedule", $"its refresh was due at {due:u}", new DateTimeOffset(due, TimeSpan.Zero), $"due-{head.Generation}", now, cancel);
            }
            else if (head is null || newest.Version > head.DatasetVersion)
            {
                await StartAsync(source, "new-data", $"new data: version {newest.Version} of '{sources.DatasetOf(source)}'", newest.WrittenAt, $"data-{newest.Version}", now, cancel);
            }
        }
    }

    /// <summary>A refresh that failed is tried again, after a minute and then twice as long each time, up to <see cref="MostWait"/>; after <see cref="MostTries"/> it is left until something is new.</summary>
    private async Task StartAsync(string source, string by, string reason, DateTimeOffset about, string key, DateTimeOffset now, CancellationToken cancel)
    {
        var wait = FirstWait;
        var id = RunIds.Derived("materialise", about, source, key);
        for (var tries = 1; await runs.FindAsync(id, cancel) is { } run; tries++)
        {
            if (run.Status != RunStatus.Failed || tries == MostTries || run.UpdatedAt + wait > now) return;
            if (!reason.EndsWith(Again, StringComparison.Ordinal)) reason += Again;
            id = RunIds.Derived("materialise", about, source, $"{key}-again-{tries}");
            wait = wait * 2 < MostWait ? wait * 2 : MostWait;
        }

        await runs.StartAsync(new MaterialiseState { Source = source, By = by, Reason = reason }, id, cancel);
    }
}
