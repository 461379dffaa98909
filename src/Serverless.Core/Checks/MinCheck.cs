using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Least value. Unit: of the column. Source: Deequ, Minimum.</summary>
internal sealed class MinCheck() : ExtremeCheck("min", AggregateKind.Extremes, greatest: false, ValueRange.Any, ColumnType.Integer, ColumnType.Number);
