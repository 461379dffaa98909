using Serverless.Datasets;

namespace Serverless.Features;

/// <summary>What an expression gives: a number (booleans count as 0 and 1), text, or - where one is allowed - a point in time.</summary>
public enum ValueKind
{
    Number,
    Boolean,
    Text,
    Timestamp,
}

/// <summary>A compiled expression over a raw row. Thread-safe. Missing is NaN for numbers and booleans, null for text.</summary>
public abstract class ValueReader
{
    public abstract ValueKind Kind { get; }

    /// <summary>Names of the raw columns that it reads, in the order of the schema.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Own functions that it calls.</summary>
    public virtual IReadOnlyList<FunctionVersion> Functions => [];

    /// <summary>The value; NaN when it is missing. Text and times have none.</summary>
    public abstract double Number(RawRow row);

    /// <summary>The value of a text expression; null when it is missing.</summary>
    public virtual string? Text(RawRow row) => null;

    /// <summary>The value of an expression that gives a time, as .NET ticks, UTC; false when it is missing.</summary>
    public virtual bool TryTicks(RawRow row, out long ticks)
    {
        ticks = 0;
        return false;
    }
}
