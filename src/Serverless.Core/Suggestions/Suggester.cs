using System.Globalization;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Suggestions;

internal sealed class Suggester(IEnumerable<ISuggestionRule> rules, ICheckCatalogue checks, IDataEngine engine) : ISuggester
{
    private const int Seed = 42;

    /// <summary>The newest partitions up to so many rows speak for the others.</summary>
    private const long MostRows = 2_000_000;

    private const int MostHeldOut = 50;

    public async Task<SuggestionReport> ForFileAsync(string path, double holdout, CancellationToken cancel = default)
    {
        var table = await engine.ReadDetectedAsync(path, Path.GetFileName(path), cancel);
        if (table.Rows == 0) throw new DataException($"'{Path.GetFileName(path)}' has no rows to suggest checks from.");
        var random = new Random(Seed);
        var (train, held) = (new List<int>(table.Rows), new List<int>());
        for (var i = 0; i < table.Rows; i++) (random.NextDouble() < holdout ? held : train).Add(i);
        if (train.Count == 0) (train, held) = (held, []);
        ColumnDefinition[] columns = [.. table.Columns.Select(c => new ColumnDefinition { Name = c.Name, Type = c.Type })];
        var dataset = new DatasetDefinition { Name = "file", File = Path.GetFileName(path), ContractVersion = "", Partition = new PartitionScheme(null, PartitionGrain.Day), Columns = columns };
        var suggestions = Made(dataset, table, train, [(0, train.Count)]);
        if (held.Count > 0 && suggestions.Count > 0)
        {
            var scratch = Directory.CreateTempSubdirectory("serverless-suggest-").FullName;
            try
            {
                var parquet = Path.Combine(scratch, "held-out.parquet");
                await engine.WriteAsync(parquet, TableRows.Take(table, held), cancel);
                suggestions = Tried(suggestions, [await engine.InspectAsync([parquet], With(dataset, suggestions), cancel)]);
            }
            finally
            {
                Directory.Delete(scratch, recursive: true);
            }
        }

        return new SuggestionReport { Rows = train.Count, HeldOut = held.Count, Suggestions = suggestions, Columns = columns, Partition = PartitionGuess.From(table) };
    }

    public async Task<SuggestionReport> ForDatasetAsync(DatasetDefinition dataset, IReadOnlyList<PartitionRecord> partitions, IObjectStore objects, double holdout, CancellationToken cancel = default)
    {
        var count = holdout <= 0 || partitions.Count < 2 ? 0 : Math.Min(Math.Min(partitions.Count - 1, MostHeldOut), Math.Max(1, (int)Math.Ceiling((holdout * partitions.Count) - 1e-9)));
        var held = partitions.Skip(partitions.Count - count).ToArray();
        var train = Newest([.. partitions.Take(partitions.Count - count)]);
        var table = await WithFilesAsync(objects, train, files => engine.ReadAsync(files, dataset.Columns, cancel), cancel);
        var parts = new List<(int Start, int Count)>();
        foreach (var partition in train) parts.Add((parts.Count == 0 ? 0 : parts[^1].Start + parts[^1].Count, (int)partition.Entry.Rows));
        var suggestions = Made(dataset, table, [.. Enumerable.Range(0, table.Rows)], parts, Ages(dataset, table, train, parts));
        var inspections = new List<Inspection>();
        foreach (var partition in suggestions.Count > 0 ? held : [])
        {
            inspections.Add(await WithFilesAsync(objects, [partition], files => engine.InspectAsync(files, With(dataset, suggestions), cancel), cancel));
        }

        return new SuggestionReport { Rows = table.Rows, HeldOut = held.Sum(p => p.Entry.Rows), Suggestions = inspections.Count > 0 ? [.. Tried(suggestions, inspections).Select(s => s.Within is null ? s : TriedAge(s, held, inspections))] : suggestions };
    }

    private static IReadOnlyList<PartitionRecord> Newest(IReadOnlyList<PartitionRecord> partitions)
    {
        long rows = 0;
        var first = partitions.Count - 1;
        for (var i = first; i >= 0; i--)
        {
            rows += partitions[i].Entry.Rows;
            if (rows > MostRows && i < partitions.Count - 1) break;
            first = i;
        }

        return [.. partitions.Skip(first)];
    }

    private static async Task<T> WithFilesAsync<T>(IObjectStore objects, IReadOnlyList<PartitionRecord> partitions, Func<IReadOnlyList<string>, Task<T>> work, CancellationToken cancel)
    {
        var files = new List<LocalObject>(partitions.Count);
        try
        {
            foreach (var partition in partitions) files.Add(await objects.MaterialiseAsync(partition.Entry.Path, cancel));
            return await work([.. files.Select(f => f.Path)]);
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }

    private List<Suggestion> Made(DatasetDefinition dataset, Table table, List<int> rows, IReadOnlyList<(int Start, int Count)> parts, IReadOnlyList<TimeSpan>? ages = null)
    {
        var samples = dataset.Columns.Where(c => table.Has(c.Name)).Select(c => ColumnSample.Of(c, table[c.Name], rows, parts)).ToArray();
        var all = samples.SelectMany(s => rules.SelectMany(r => r.Suggest(s)));

        // What the installed checks do not know, and what the file says already, is no suggestion.
        return [.. SizeOf(parts).Concat(all).Concat(FreshnessOf(dataset, ages ?? []))
            .Where(s => !dataset.Checks.Any(c => c.Check == s.Check && c.Column == s.Column))
            .Where(s => checks.Validate(With(dataset, [s])).Count == 0)];
    }

    /// <summary>Of several partitions: none should have less than half the rows of the smallest.</summary>
    private static IEnumerable<Suggestion> SizeOf(IReadOnlyList<(int Start, int Count)> parts)
    {
        if (parts.Count < 3) yield break;
        int least = parts.Min(p => p.Count), most = parts.Max(p => p.Count);
        var half = Math.Max(1, least / 2);
        var unit = (int)Math.Pow(10, Math.Max(0, (int)Math.Log10(half) - 1));
        yield return new Suggestion
        {
            Check = "size", Min = half / unit * unit, Rule = "size",
            Evidence = $"{parts.Count} partitions have {Words.Count(least)} to {Words.Count(most)} rows; the limit is half of the least, rounded down",
        };
    }

    /// <summary>How long before the end of each partition its newest row lies.</summary>
    private static IReadOnlyList<TimeSpan> Ages(DatasetDefinition dataset, Table table, IReadOnlyList<PartitionRecord> partitions, IReadOnlyList<(int Start, int Count)> parts)
    {
        if (dataset.Partition.Column is not { } name || table[name] is not TimestampColumn times) return [];
        return [.. partitions.Zip(parts).Where(p => p.Second.Count > 0 && PartitionKey.Period(p.First.Key) is not null)
            .Select(p => PartitionKey.Period(p.First.Key)!.Value.End - new DateTimeOffset(times.Ticks.AsSpan(p.Second.Start, p.Second.Count).ToArray().Max(), TimeSpan.Zero))];
    }

    /// <summary>Of several partitions: the newest row of each should not end much earlier than it did, or the drop was cut off.</summary>
    private static IEnumerable<Suggestion> FreshnessOf(DatasetDefinition dataset, IReadOnlyList<TimeSpan> ages)
    {
        if (ages.Count < 3) yield break;
        var worst = ages.Max();
        var hours = Math.Max(1, (int)Math.Ceiling(worst.TotalHours * 2));
        yield return new Suggestion
        {
            Check = "freshness", Column = dataset.Partition.Column, Within = $"{hours.ToString(CultureInfo.InvariantCulture)}h", Rule = "freshness",
            Evidence = $"the newest row of {ages.Count} partitions lies {Words.Number(Math.Round(ages.Min().TotalHours, 1))} to {Words.Number(Math.Round(worst.TotalHours, 1))} hours before their end; the limit is twice the longest",
        };
    }

    /// <summary>The check compares with the end of a partition, which rows alone do not have: their newest time does as well.</summary>
    private static Suggestion TriedAge(Suggestion s, IReadOnlyList<PartitionRecord> held, IReadOnlyList<Inspection> inspections)
    {
        TimeSpan[] ages = [.. held.Zip(inspections).Select(h => (PartitionKey.Period(h.First.Key)?.End, h.Second.Profile.Columns.First(c => c.Name == s.Column).Max))
            .Where(h => h is { End: not null, Max: string }).Select(h => h.End!.Value - DateTimeOffset.Parse((string)h.Max!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal))];
        if (ages.Length == 0 || !Durations.TryParse(s.Within!, out var most)) return s;
        return s with
        {
            Holdout = new Backtest { Rows = inspections.Sum(x => x.Profile.Rows), Partitions = ages.Length, Failed = ages.Count(a => a > most), Value = ages.Max().TotalSeconds },
        };
    }

    private static DatasetDefinition With(DatasetDefinition dataset, IReadOnlyList<Suggestion> suggestions) => dataset with { Checks = [.. suggestions.Select(s => s.ToDefinition())] };

    private static List<Suggestion> Tried(IReadOnlyList<Suggestion> suggestions, IReadOnlyList<Inspection> inspections) => [.. suggestions.Select((s, i) =>
    {
        var results = inspections.Select(x => x.Checks[i]).ToArray();
        if (results.All(r => r.Outcome == Outcome.NotApplicable)) return s; // not tried is not passed
        var failed = results.Where(r => r.Outcome is Outcome.Failed or Outcome.Errored).ToArray();
        var values = (failed.Length > 0 ? failed : results).Select(r => r.Value).OfType<double>().ToArray();
        return s with
        {
            Holdout = new Backtest
            {
                Rows = inspections.Sum(x => x.Profile.Rows), Partitions = inspections.Count, Failed = failed.Length,
                Value = values.Length == 0 ? null : s.Min is not null ? values.Min() : values.Max(),
                Message = (failed.FirstOrDefault(f => f.Message is not null) ?? results.FirstOrDefault(r => r.Outcome == Outcome.NotApplicable))?.Message,
            },
        };
    })];
}
