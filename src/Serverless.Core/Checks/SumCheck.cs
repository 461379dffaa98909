namespace Serverless.Checks;

/// <summary>Sum of the filled values. Unit: of the column. Source: Deequ, Sum.</summary>
internal sealed class SumCheck() : MomentsCheck("sum", m => m.Sum, ValueRange.Any, growsWithRows: true);
