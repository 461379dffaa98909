namespace Serverless.Checks;

/// <summary>Share of the rows whose value is greater than 0; an empty value counts as such. Unit: fraction. Source: Deequ, isPositive.</summary>
internal sealed class PositiveCheck() : SignCheck("positive", ">");
