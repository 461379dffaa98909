using Serverless.Models;

namespace Serverless.FeatureViews;

/// <summary>What a model file asks to look up, with the places for messages; <see cref="LookupDefinition"/> is what came of it.</summary>
public sealed record LookupRequest
{
    public required LookupKind Kind { get; init; }

    public ExpressionText? View { get; init; }

    public required ExpressionText Column { get; init; }

    /// <summary>Keys of a view and the columns that hold them; null = columns of the same names.</summary>
    public IReadOnlyList<(string Key, ExpressionText Column)>? On { get; init; }

    /// <summary>Of a lag or rolling feature.</summary>
    public IReadOnlyList<ExpressionText> By { get; init; } = [];

    public AggregateFunction? Aggregate { get; init; }

    public TimeSpan? Over { get; init; }

    public TimeSpan After { get; init; }
}
