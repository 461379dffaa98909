namespace Serverless.Checks;

/// <summary>Arithmetic mean of the filled values. Unit: of the column. Source: Deequ, Mean.</summary>
internal sealed class MeanCheck() : MomentsCheck("mean", m => m.Mean, ValueRange.Any);
