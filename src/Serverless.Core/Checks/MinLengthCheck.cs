using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Number of characters of the shortest text. Source: Deequ, MinLength.</summary>
internal sealed class MinLengthCheck() : ExtremeCheck("min-length", AggregateKind.Lengths, greatest: false, ValueRange.Count, ColumnType.String);
