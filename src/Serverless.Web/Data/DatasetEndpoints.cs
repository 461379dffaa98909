using Microsoft.AspNetCore.Http;
using Serverless.Arrival;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Sources;
using Serverless.Web.Answers;
using Serverless.Workspaces;

namespace Serverless.Web.Data;

/// <summary>Datasets and their partitions, to read.</summary>
internal sealed class DatasetEndpoints(Workspace workspace, IDatasetHistory history, IArrivals arrivals, ISourceStates sources)
{
    public async Task ListAsync(HttpContext context)
    {
        var datasets = new List<DatasetSummary>();
        foreach (var d in workspace.Datasets.Values.OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            var current = await history.PartitionsAsync(d.Name, null, context.RequestAborted).ConfigureAwait(false);
            datasets.Add(new(d.Name, d.Description, d.ContractVersion, d.Partition.Grain, d.Partition.Column,
                [.. d.Columns.Select(c => new ColumnSummary(c.Name, c.Type, c.Required, c.Unit, c.Description))],
                current.Count == 0 ? 0 : current.Max(p => p.Commit.Version), current.Count, current.Sum(p => p.Entry.Rows),
                await ArrivalAsync(d.Name, context.RequestAborted).ConfigureAwait(false),
                d.Sources.Count == 0 ? null : await sources.ListAsync(d.Name, context.RequestAborted).ConfigureAwait(false)));
        }

        await Json.WriteAsync(context, new DatasetList(datasets), Json.Shared.DatasetList).ConfigureAwait(false);
    }

    private async Task<ArrivalSummary?> ArrivalAsync(string dataset, CancellationToken cancel) =>
        await arrivals.LookAsync(dataset, cancel).ConfigureAwait(false) is { } s
            ? new ArrivalSummary(s.Outcome, s.Period, s.Due, s.Deadline, s.ArrivedAt, [.. s.Missing.Select(m => m.Key)], s.LastData, s.OnMissing, s.Note()) : null;

    public async Task PartitionsAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["dataset"]!;
        if (!workspace.Datasets.ContainsKey(name)) throw new NotFoundException($"dataset '{name}' is not in this workspace.{Suggest.Hint(name, workspace.Datasets.Keys)}");
        var page = Paging.Of(context.Request);
        var all = await history.PartitionsAsync(name, null, context.RequestAborted).ConfigureAwait(false);
        var start = 0;
        if (page.After is { } after)
        {
            // The order is by key then commit: a page goes on behind the row it names, or fails when that is no longer current.
            start = all.Select(p => p.Id).ToList().IndexOf(after) + 1;
            if (start == 0) throw new FieldException($"after: '{after}' is not a current partition of '{name}'. Start again without it.");
        }

        var shown = all.Skip(start).Take(page.Limit)
            .Select(p => new PartitionSummary(p.Id, p.Key, p.Entry.Rows, p.Entry.Bytes, p.WrittenAt, p.By, p.Entry.Sha256, p.Commit.ContractVersion, p.Commit.File, p.Commit.Version, p.Entry.Supersedes))
            .ToArray();
        await Json.WriteAsync(context, new PartitionList(shown, start + shown.Length < all.Count ? shown[^1].Id : null), Json.Shared.PartitionList).ConfigureAwait(false);
    }
}
