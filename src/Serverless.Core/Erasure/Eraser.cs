using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Erasure;

internal sealed class Eraser(
    Workspace workspace, IDatasetHistory history, IObjectStore objects, IRowFilter filter, RowSearch search, IRunEngine runs, TimeProvider time, IdSource ids) : IEraser
{
    public async Task<EraseReport> PreviewAsync(string dataset, string condition, string reason, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        await filter.ColumnsAsync(definition, condition, cancel);
        var commits = await history.CommitsAsync(dataset, cancel);
        var hits = await search.PartitionsAsync(definition, commits, condition, cancel);
        var elsewhere = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var unreadable = 0L;
        var drops = hits.Select(h => h.Partition.Commit).ToList();
        foreach (var holder in search.Holders)
        {
            foreach (var (key, found) in await search.ElsewhereAsync(holder, definition, condition, cancel))
            {
                unreadable += found.Unreadable.Count;
                if (found.Matching.Count == 0) continue;
                elsewhere[holder.Name] = elsewhere.GetValueOrDefault(holder.Name) + found.Matching.Count;
                if (holder is QuarantinedRows && QuarantinedRows.DropOf(dataset, key, commits) is { } drop) drops.Add(drop);
            }
        }

        var landing = await search.DropsAsync(dataset, drops, cancel);
        return new EraseReport
        {
            Dataset = dataset,
            Condition = Condition.Masked(condition),
            Reason = reason,
            Rows = hits.Sum(h => (long)h.Found.Matching.Count),
            Partitions = [.. hits.Select(h => new Partitions.Erasure(h.Partition.Id, h.Partition.Key, h.Found.Matching.Count, null))],
            Elsewhere = elsewhere,
            Drops = [.. landing.Select(k => k[(k.LastIndexOf('/') + 1)..])],
            Unreadable = unreadable + (await search.RejectedAsync(dataset, cancel)).Count(k => !k.EndsWith("/reason.json", StringComparison.Ordinal)),
        };
    }

    public async Task<string> StartAsync(string dataset, string condition, string reason, string by, bool unreadable, CancellationToken cancel = default)
    {
        if (string.IsNullOrWhiteSpace(reason)) throw new RequestException("an erasure needs a reason, such as a ticket's number: it is what the record keeps.");
        await filter.ColumnsAsync(workspace.Dataset(dataset), condition, cancel);
        var run = RunIds.New("erase", time.GetUtcNow(), ids);
        await EraseCondition.WriteAsync(objects, run, condition, cancel);
        return await runs.StartAsync(new EraseState { Dataset = dataset, By = by, Reason = reason, Condition = Condition.Masked(condition), Unreadable = unreadable }, run, cancel);
    }
}
