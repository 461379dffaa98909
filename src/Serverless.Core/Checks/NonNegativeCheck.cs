namespace Serverless.Checks;

/// <summary>Share of the rows whose value is 0 or more; an empty value counts as such. Unit: fraction. Source: Deequ, isNonNegative.</summary>
internal sealed class NonNegativeCheck() : SignCheck("non-negative", ">=");
