using System.Security.Cryptography;
using System.Text;

namespace Serverless.Checks;

/// <summary>
/// One figure that a check wants from a scan of rows. Aggregates are data, so the engine translates those of all checks into one pass, and equal ones are computed once.
/// </summary>
/// <param name="Kind">What is computed.</param>
/// <param name="Columns">Columns it reads; none for <see cref="AggregateKind.Rows"/>.</param>
/// <param name="Where">SQL condition that limits the rows; null = all.</param>
/// <param name="Text">Pattern or SQL condition, where the kind has one.</param>
/// <param name="Values">Allowed values, for <see cref="AggregateKind.In"/>.</param>
/// <param name="Probability">For <see cref="AggregateKind.Quantile"/>, 0 to 1.</param>
public sealed record Aggregate(
    AggregateKind Kind, IReadOnlyList<string> Columns, string? Where = null, string? Text = null, IReadOnlyList<string>? Values = null, double Probability = 0)
{
    /// <summary>Equal for aggregates that mean the same.</summary>
    public string Identity { get; } = string.Join('\u001f',
        [Kind.ToString(), string.Join('\u001e', Columns), Where ?? "\0", Text ?? "\0", string.Join('\u001e', Values ?? []), Probability.ToString("R")]);

    /// <summary>The identity in 16 letters: under it the state is stored.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Identity)).AsSpan(0, 8));

    /// <summary>Somebody's own SQL is part of it.</summary>
    public bool HasSql => Where is not null || Kind is AggregateKind.CountIf or AggregateKind.Query;

    public bool Equals(Aggregate? other) => other is not null && Identity == other.Identity;

    public override int GetHashCode() => Identity.GetHashCode(StringComparison.Ordinal);
}

/// <summary>What an aggregate computes, and the state that it yields.</summary>
public enum AggregateKind
{
    /// <summary>Rows. <see cref="CountState"/>.</summary>
    Rows,

    /// <summary>Rows in which the column is filled. <see cref="CountState"/>.</summary>
    Count,

    /// <summary>Rows for which the SQL condition in Text holds. <see cref="CountState"/>.</summary>
    CountIf,

    /// <summary>Rows whose text matches the RE2 pattern in Text somewhere. <see cref="CountState"/>.</summary>
    Matches,

    /// <summary>Rows whose value, as text, is one of Values. <see cref="CountState"/>.</summary>
    In,

    /// <summary>Least and greatest number. <see cref="ExtremesState"/>.</summary>
    Extremes,

    /// <summary>Least and greatest number of characters. <see cref="ExtremesState"/>.</summary>
    Lengths,

    /// <summary>Count, mean and sum of squared deviations. <see cref="MomentsState"/>.</summary>
    Moments,

    /// <summary>Groups of equal values of one or more columns. <see cref="GroupsState"/>.</summary>
    Groups,

    /// <summary>Quantile, interpolated linearly. <see cref="FigureState"/>.</summary>
    Quantile,

    /// <summary>The values of a column, counted or sketched. <see cref="ValuesOfColumnState"/>.</summary>
    Values,

    /// <summary>Rows for which the operator in Text holds between two columns, or a column and the one of Values. <see cref="CountState"/>.</summary>
    Compares,

    /// <summary>Rows whose value lies between the two of Values, both included; an empty one is no bound. <see cref="CountState"/>.</summary>
    Between,

    /// <summary>Moments of two columns together, over the rows in which both are filled. <see cref="CoMomentsState"/>.</summary>
    CoMoments,

    /// <summary>Pairs of values of two columns, over the rows in which both are filled. <see cref="PairsState"/>.</summary>
    Pairs,

    /// <summary>What the values look like when they are read as text. <see cref="DataTypesState"/>.</summary>
    DataTypes,

    /// <summary>Least and greatest timestamp, in microseconds since 1970. <see cref="ExtremesState"/>.</summary>
    Times,

    /// <summary>The time that is named in Text (arrival, end, now), in microseconds since 1970. <see cref="ExtremesState"/>.</summary>
    Reference,

    /// <summary>The columns of the drop beside those of the contract. <see cref="ColumnsState"/>.</summary>
    Columns,

    /// <summary>The number that the query in Text answers. <see cref="FigureState"/>.</summary>
    Query,
}
