using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Storage;

namespace Serverless.Suggestions;

/// <summary>Suggests checks from data, and tries them on data that were held out.</summary>
public interface ISuggester
{
    /// <summary>From a file without a contract: types are detected, a seeded share of the rows is held out.</summary>
    /// <param name="holdout">Share from 0 to 0.9.</param>
    Task<SuggestionReport> ForFileAsync(string path, double holdout, CancellationToken cancel = default);

    /// <summary>From stored partitions: the last ones are held out, and looked at one by one as the checks will be. What contract and checks say already is left out.</summary>
    Task<SuggestionReport> ForDatasetAsync(DatasetDefinition dataset, IReadOnlyList<PartitionRecord> partitions, IObjectStore objects, double holdout, CancellationToken cancel = default);
}

/// <summary>What was suggested from how much.</summary>
public sealed record SuggestionReport
{
    /// <summary>Rows that suggestions are made from.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that they were tried on.</summary>
    public required long HeldOut { get; init; }

    public required IReadOnlyList<Suggestion> Suggestions { get; init; }

    /// <summary>Of a file: the columns with their detected types.</summary>
    public IReadOnlyList<ColumnDefinition> Columns { get; init; } = [];

    /// <summary>Of a file: how it might be partitioned. A guess, for a person to confirm.</summary>
    public PartitionGuess? Partition { get; init; }
}

/// <param name="Column">Null = by arrival.</param>
public sealed record PartitionGuess(string? Column, PartitionGrain Grain, string Evidence)
{
    /// <summary>As a dataset file writes it.</summary>
    public string Yaml => Column is null ? $"{{ by: arrival, grain: {Word} }}" : $"{{ column: {CheckYaml.Scalar(Column)}, grain: {Word} }}";

    private string Word => Grain.ToString().ToLowerInvariant();

    internal static PartitionGuess From(Table table)
    {
        var times = table.Columns.OfType<TimestampColumn>().ToArray();
        var full = times.Where(t => t.Missing is null || !t.Missing.Contains(true)).ToArray();
        if (full.Length == 0 || table.Rows == 0)
        {
            return new PartitionGuess(null, PartitionGrain.Day, times.Length == 0 ? "there is no timestamp column, so the day of arrival is all there is"
                : $"no timestamp column is filled in every row ({string.Join(", ", times.Select(t => $"'{t.Name}'"))}), so the day of arrival is safer");
        }

        var chosen = full[0];
        var days = chosen.Ticks.Select(t => t / TimeSpan.TicksPerDay).Distinct().Count();
        var grain = days > 1 && (double)table.Rows / days <= 2 ? PartitionGrain.Month : PartitionGrain.Day;
        return new PartitionGuess(chosen.Name, grain, $"'{chosen.Name}' is {(full.Length == 1 ? "the only" : "the first")} timestamp column that is filled in every row; "
            + $"{Words.Count(table.Rows)} rows lie on {Words.Count(days)} {(days == 1 ? "day" : "days")}, so a partition for each {grain.ToString().ToLowerInvariant()}"
            + (full.Length == 1 ? "" : $". Others: {string.Join(", ", full.Skip(1).Select(t => $"'{t.Name}'"))}"));
    }
}
