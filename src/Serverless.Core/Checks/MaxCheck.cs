using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>Greatest value. Unit: of the column. Source: Deequ, Maximum.</summary>
internal sealed class MaxCheck() : ExtremeCheck("max", AggregateKind.Extremes, greatest: true, ValueRange.Any, ColumnType.Integer, ColumnType.Number);
