namespace Serverless.Drift.Samples;

/// <summary>A property of a column's values, on both sides, or why it cannot be compared.</summary>
internal sealed record ColumnPart(string Name, ColumnSample? Reference, ColumnSample? Current, string? NotApplicable = null);
