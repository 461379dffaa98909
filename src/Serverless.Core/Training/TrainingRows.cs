using Serverless.Datasets;
using Serverless.Partitions;

namespace Serverless.Training;

/// <summary>The rows of a window in memory, with the time of each.</summary>
/// <param name="Ticks">For each row its .NET ticks, UTC.</param>
internal sealed record TrainingRows(Table Table, long[] Ticks, TrainingWindow Window, IReadOnlyList<PartitionRecord> Partitions)
{
    /// <summary>Numbers of the rows among all rows of the partitions; null = they are all of them.</summary>
    public int[]? Numbers { get; init; }

    /// <summary>Those of these numbers, in their order.</summary>
    public TrainingRows Take(int[] chosen) => this with { Table = Table.Take(chosen), Ticks = Array.ConvertAll(chosen, i => Ticks[i]), Numbers = Numbers is { } all ? Array.ConvertAll(chosen, i => all[i]) : chosen };
}
