using Serverless.Datasets;
using Serverless.Partitions;

namespace Serverless.Training;

/// <summary>The rows of a window in memory, with the time of each.</summary>
/// <param name="Ticks">For each row its .NET ticks, UTC.</param>
internal sealed record TrainingRows(Table Table, long[] Ticks, TrainingWindow Window, IReadOnlyList<PartitionRecord> Partitions);
