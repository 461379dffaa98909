using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Number of characters of the longest text. Source: Deequ, MaxLength.</summary>
internal sealed class MaxLengthCheck() : ExtremeCheck("max-length", AggregateKind.Lengths, greatest: true, ValueRange.Count, ColumnType.String);
