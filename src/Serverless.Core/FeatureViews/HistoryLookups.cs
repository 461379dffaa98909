using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Sources;
using Serverless.Registry;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.FeatureViews;

/// <summary>Fills the input columns of a model that are looked up: for each row what was known at its time, from the history as of some moment.</summary>
internal sealed class HistoryLookups(Workspace workspace, IPartitionReader partitions, IObjectStore objects, IEnumerable<IPointInTimeJoin> joins)
{
    /// <summary>The same with the views and datasets of another workspace, such as the one of a run that began earlier.</summary>
    public HistoryLookups In(Workspace other) => ReferenceEquals(other, workspace) ? this : new HistoryLookups(other, partitions, objects, joins);

    /// <summary>The rows with a column for each lookup among <paramref name="wanted"/>; the same table when there is none.</summary>
    /// <param name="ticks">Time of each row, .NET ticks, UTC.</param>
    /// <param name="filled">Columns that the table has from an earlier look: the same lookup under the same name is not done again.</param>
    /// <param name="learns">A model will learn from the values: a view that looks ahead is refused.</param>
    /// <exception cref="DataException">A view that the model needs is gone, or cannot be computed.</exception>
    public async Task<LookedUp> FillAsync(Table rows, long[] ticks, IReadOnlyList<RawColumn> wanted, AsOf? asOf, CancellationToken cancel, IReadOnlyList<RawColumn>? filled = null, bool learns = false)
    {
        bool Done(RawColumn column) => filled?.Any(f => f.Name == column.Name && f.Lookup?.Identity == column.Lookup!.Identity) == true;
        RawColumn[] missing = [.. wanted.Where(c => c.Lookup is not null && !Done(c))];
        if (missing.Length == 0) return new LookedUp(rows, []);
        IReadOnlyList<TableColumn> columns = [];
        var seen = new List<LineageView>();
        if (rows.Rows > 0)
        {
            var join = joins.FirstOrDefault() ?? throw new InvalidOperationException("no data engine for point-in-time joins is registered");
            var files = new List<LocalObject>();
            try
            {
                var sources = new List<HistorySource>();
                foreach (var group in missing.GroupBy(c => (c.Lookup!.Source, string.Join('\u001f', c.Lookup.Keys.Select(k => k.Column)), c.Lookup.Kind == LookupKind.View ? "" : c.Name)))
                {
                    sources.Add(await SourceAsync([.. group], ticks.Min(), ticks.Max(), asOf, files, cancel, seen));
                }

                foreach (var source in sources.Where(s => learns && s.View?.Sql is not null).DistinctBy(s => s.Name))
                {
                    if (await join.LooksAheadAsync(source, cancel) is { } ahead) throw new DataException($"view '{source.Name}' ({source.View!.File}) knows what comes later: {ahead}. A row of a view is made of rows up to its 'time'; where its values become known later, say when with 'created'.");
                }

                columns = await join.JoinAsync(rows, ticks, sources, cancel);
            }
            finally
            {
                files.ForEach(f => f.Dispose());
            }
        }

        return new LookedUp(new Table(rows.Rows, [.. rows.Columns.Where(c => missing.All(m => m.Name != c.Name)), .. columns]), [.. seen.DistinctBy(v => v.Name).OrderBy(v => v.Name, StringComparer.Ordinal)]);
    }

    /// <summary>The current value of every key, as of a time.</summary>
    public async Task<Table> CurrentAsync(IReadOnlyList<RawColumn> columns, DateTimeOffset at, AsOf? asOf, CancellationToken cancel)
    {
        var join = joins.FirstOrDefault() ?? throw new InvalidOperationException("no data engine for point-in-time joins is registered");
        var files = new List<LocalObject>();
        try
        {
            return await join.CurrentAsync(await SourceAsync(columns, at.UtcTicks, at.UtcTicks, asOf, files, cancel), at, cancel);
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }

    /// <summary>Name of the dataset that a lookup reads.</summary>
    public string DatasetOf(LookupDefinition lookup) => lookup.Kind == LookupKind.View ? ViewOf(lookup).Dataset : lookup.Dataset;

    private async Task<HistorySource> SourceAsync(IReadOnlyList<RawColumn> columns, long from, long to, AsOf? asOf, List<LocalObject> files, CancellationToken cancel, List<LineageView>? seen = null)
    {
        var lookup = columns[0].Lookup!;
        var view = lookup.Kind == LookupKind.View ? ViewOf(lookup) : null;
        foreach (var column in columns.Where(c => view is not null && view.Features.All(f => f.Name != c.Lookup!.Column)))
        {
            throw new DataException($"view '{view!.Name}' has no feature '{column.Lookup!.Column}' any more, which the model reads.{Suggest.Hint(column.Lookup.Column, view.Features.Select(f => f.Name))}");
        }

        var dataset = workspace.Dataset(view?.Dataset ?? lookup.Dataset);
        var reach = view is null ? lookup.Over + lookup.After : view.Reach;
        var timed = dataset.Partition.Column is { } partition && partition == (view?.Time ?? partition);
        var selected = await partitions.SelectAsync(dataset.Name, new PartitionQuery
        {
            AsOf = asOf, StopAt = Severity.Error,
            From = timed && reach is { } back && from - back.Ticks > DateTime.MinValue.Ticks ? new DateTimeOffset(from - back.Ticks, TimeSpan.Zero) : null,
            To = timed ? new DateTimeOffset(to, TimeSpan.Zero).AddTicks(1) : null,
        }, cancel);
        var paths = new List<string>();
        foreach (var one in selected.Partitions)
        {
            try
            {
                files.Add(await objects.MaterialiseAsync(one.Entry.Path, cancel));
            }
            catch (ObjectMissingException e)
            {
                throw new DataException($"a partition of dataset '{dataset.Name}', which '{lookup.Source}' looks into, is in the history but not in the store: '{e.Key}'; restore it, or ingest its drop again", e);
            }

            paths.Add(files[^1].Path);
        }

        seen?.Add(new LineageView
        {
            Name = lookup.Source, Dataset = dataset.Name, Definition = view is null ? null : ViewTerms.Of(view), DatasetVersion = selected.Partitions.Select(p => p.Commit.Version).DefaultIfEmpty().Max(), Partitions = [.. selected.Partitions.Select(p => p.Id)],
            Data = [.. selected.Partitions.Select(p => new LineagePartition(p.Id, p.Key, p.Entry.Rows, p.Entry.Sha256))],
        });

        return new HistorySource
        {
            Name = lookup.Source, Dataset = dataset, Paths = paths, View = view, Keys = lookup.Keys, Columns = [.. columns.Select(c => (c.Name, c.Type, c.Lookup!))],
            Strict = view is null ? lookup.After == TimeSpan.Zero : Roots(dataset.Name).Overlaps(Roots(lookup.Dataset)),
        };
    }

    private ViewDefinition ViewOf(LookupDefinition lookup) => workspace.Views.TryGetValue(lookup.Source, out var view) ? view
        : throw new DataException($"the model reads feature view '{lookup.Source}', which is not in this workspace{Suggest.Ending(lookup.Source, workspace.Views.Keys)}");

    /// <summary>The dataset and all that it is joined from: rows of two datasets that share one may be made of each other.</summary>
    private HashSet<string> Roots(string dataset)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([dataset]);
        while (open.TryPop(out var name))
        {
            if (!found.Add(name) || !workspace.Datasets.TryGetValue(name, out var definition)) continue;
            foreach (var input in definition.Sources.OfType<JoinSource>().SelectMany(s => s.Inputs)) open.Push(input);
        }

        return found;
    }
}

/// <param name="Rows">With a column for each lookup.</param>
/// <param name="Views">Which data that took, by name.</param>
internal sealed record LookedUp(Table Rows, IReadOnlyList<LineageView> Views);
