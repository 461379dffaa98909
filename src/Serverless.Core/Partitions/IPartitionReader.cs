using Serverless.Datasets;

namespace Serverless.Partitions;

/// <summary>Rows of a dataset as they were at a point of its history.</summary>
public interface IPartitionReader
{
    /// <summary>The partitions that a query selects, ordered by key; empty when there are none.</summary>
    Task<PartitionSelection> SelectAsync(string dataset, PartitionQuery query, CancellationToken cancel = default);

    /// <summary>
    /// The rows of partitions in one table, in the order of the partitions and of the rows within them. Columns as the contract has them now; one that an older
    /// partition lacks is missing in its rows.
    /// </summary>
    /// <exception cref="Problems.DataException">There are no partitions.</exception>
    Task<Table> ReadAsync(string dataset, IReadOnlyList<PartitionRecord> partitions, IReadOnlyList<ColumnDefinition> columns, CancellationToken cancel = default);
}

/// <summary>Which partitions are wanted.</summary>
public sealed record PartitionQuery
{
    /// <summary>The dataset as it was then; null = now.</summary>
    public AsOf? AsOf { get; init; }

    /// <summary>Only periods that end after this; null = from the first.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only periods that begin before this; null = to the last.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Leave out partitions that failed a check of this severity or a worse one; null = leave out none.</summary>
    public Severity? StopAt { get; init; }
}

/// <param name="Partitions">Ordered by key, then by the version that wrote them.</param>
/// <param name="Stopped">Within the period, but left out because of failed checks.</param>
public sealed record PartitionSelection(IReadOnlyList<PartitionRecord> Partitions, IReadOnlyList<PartitionRecord> Stopped);
