namespace Serverless.Checks;

/// <summary>Population standard deviation (n, not n - 1) of the filled values. Unit: of the column. Source: Deequ, StandardDeviation.</summary>
internal sealed class StddevCheck() : MomentsCheck("stddev", m => m.PopulationDeviation, ValueRange.NotNegative);
