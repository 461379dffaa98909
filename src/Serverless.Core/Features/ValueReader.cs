using Serverless.Datasets;

namespace Serverless.Features;

/// <summary>What an expression gives: a number (booleans count as 0 and 1) or text.</summary>
public enum ValueKind
{
    Number,
    Boolean,
    Text,
}

/// <summary>A compiled expression over a raw row. Thread-safe. Missing is NaN for numbers and booleans, null for text.</summary>
public abstract class ValueReader
{
    public abstract ValueKind Kind { get; }

    /// <summary>Names of the raw columns that it reads, in the order of the schema.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>The value; NaN when it is missing. Text has none.</summary>
    public abstract double Number(RawRow row);

    /// <summary>The value of a text expression; null when it is missing.</summary>
    public virtual string? Text(RawRow row) => null;
}
