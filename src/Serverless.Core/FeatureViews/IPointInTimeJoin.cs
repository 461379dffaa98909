using Serverless.Datasets;

namespace Serverless.FeatureViews;

/// <summary>
/// Values as they were known at the time of each row. Of the rows of a view with the same key, whose feature time and created time both are at or before the row's time (before it, where
/// <see cref="HistorySource.Strict"/>), the one with the newest feature time; of equal ones that with the newest created time, then the last in the order of the data. It counts
/// unless it is older than the view's time to live.
/// </summary>
public interface IPointInTimeJoin
{
    /// <summary>One column for each lookup of each source, in their order, with a value for each row; missing where there was none.</summary>
    /// <param name="rows">Has the columns of the keys.</param>
    /// <param name="ticks">Time of each row, .NET ticks, UTC; microseconds count.</param>
    /// <exception cref="Problems.DataException">A view's SQL fails on these data.</exception>
    Task<IReadOnlyList<TableColumn>> JoinAsync(Table rows, long[] ticks, IReadOnlyList<HistorySource> sources, CancellationToken cancel = default);

    /// <summary>
    /// The value of every key as of a time: the key columns as text under the view's names, <c>_time</c> (its feature time), and the features. One row for each key, ordered by key.
    /// </summary>
    Task<Table> CurrentAsync(HistorySource source, DateTimeOffset at, CancellationToken cancel = default);

    /// <summary>
    /// Whether what the SQL of a view says up to some time depends on rows of its dataset after that time: a sentence with an example, or null. Found by asking it twice, with the later rows and
    /// without. Aggregates cannot.
    /// </summary>
    Task<string?> LooksAheadAsync(HistorySource source, CancellationToken cancel = default);
}

/// <summary>History that values are looked up in.</summary>
public sealed record HistorySource
{
    public required string Name { get; init; }

    public required DatasetDefinition Dataset { get; init; }

    /// <summary>Parquet files with rows of the dataset, in the order of their partitions.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Null for a lag or a rolling feature.</summary>
    public ViewDefinition? View { get; init; }

    public required IReadOnlyList<LookupKey> Keys { get; init; }

    /// <summary>Name of the looked-up column, and what it is.</summary>
    public required IReadOnlyList<(string Name, ColumnType Type, LookupDefinition Lookup)> Columns { get; init; }

    /// <summary>Only what was known before a row's time, not at it: the view is made of rows like this one, perhaps of this one itself.</summary>
    public bool Strict { get; init; }
}
