using Serverless.Datasets;
using Serverless.Models;

namespace Serverless.FeatureViews;

/// <summary>
/// Named, described, owned features by key, as <c>features/&lt;view&gt;.yaml</c> states them. A view has rows: for each key and feature time the values that hold from then on,
/// until the key's next row or until they are older than <see cref="Ttl"/>.
/// </summary>
public sealed record ViewDefinition
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Who answers for it: a person, a team, an address.</summary>
    public string? Owner { get; init; }

    public required string Dataset { get; init; }

    /// <summary>Columns whose values together are a key; a row with an empty one has no key.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Column with the time from which a value holds.</summary>
    public required string Time { get; init; }

    /// <summary>Column with the time when a value became known, where that is later; null = at its own time.</summary>
    public string? Created { get; init; }

    /// <summary>How long after a row's time the columns that are aggregated are known (the contract's <c>knownAfter</c>).</summary>
    public TimeSpan KnownAfter { get; init; }

    /// <summary>How old a value may be, counted from its feature time; null = any age.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>One SELECT over <c>data</c>, the rows of the dataset; null = declared aggregates.</summary>
    public ExpressionText? Sql { get; init; }

    public required IReadOnlyList<ViewFeature> Features { get; init; }

    /// <summary>Five cron fields, UTC; null = after new data of the dataset.</summary>
    public string? Refresh { get; init; }

    /// <summary>The YAML file, relative to the workspace, for messages.</summary>
    public required string File { get; init; }

    /// <summary>Where names stand in the file, by key (<c>dataset</c>, <c>time</c>, <c>created</c>, <c>keys</c>).</summary>
    public IReadOnlyDictionary<string, (int Line, int Column)> Places { get; init; } = new Dictionary<string, (int, int)>();

    /// <summary>How far back the rows reach that a value at one time can come from; null = to the first.</summary>
    public TimeSpan? Reach => Ttl is not { } ttl || Sql is not null ? null : Features.Any(f => f.Over is null) ? null : ttl + Features.Max(f => f.Over!.Value);
}

/// <summary>One feature of a view.</summary>
public sealed record ViewFeature
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }

    public string? Description { get; init; }

    /// <summary>Null where the view's SQL gives it.</summary>
    public AggregateFunction? Aggregate { get; init; }

    /// <summary>What is aggregated; null for a count of rows and for a rate.</summary>
    public string? Column { get; init; }

    /// <summary>SQL condition whose share of true is a <see cref="AggregateFunction.Rate"/>.</summary>
    public ExpressionText? Condition { get; init; }

    /// <summary>The window (time - over, time]; null = everything up to the time.</summary>
    public TimeSpan? Over { get; init; }

    public int Line { get; init; }

    public int LineColumn { get; init; }
}

/// <summary>Aggregates leave empty values out.</summary>
public enum AggregateFunction
{
    /// <summary>Filled values of a column, or rows.</summary>
    Count,

    Mean,

    Sum,

    Min,

    Max,

    /// <summary>Sample standard deviation (n - 1).</summary>
    Stddev,

    /// <summary>The newest value; of equal times the last row.</summary>
    Last,

    /// <summary>Share of rows for which a condition holds, of those for which it is true or false.</summary>
    Rate,
}
