using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>
/// One kind of check: aggregates to scan for, and the metric that follows from their states. The metric is compared with the constraint (min, max, equals) of the
/// dataset file, so a check knows nothing of thresholds. A new check is one file and one line in <see cref="ChecksServices"/>.
/// </summary>
public interface ICheck
{
    /// <summary>As the dataset file writes it.</summary>
    string Name { get; }

    CheckTarget Target { get; }

    /// <summary>Types of column that it applies to; empty = any.</summary>
    IReadOnlyList<ColumnType> Types => [];

    /// <summary>Parameters of its own, beside min, max, equals and where.</summary>
    IReadOnlyList<CheckParameter> Parameters => [];

    /// <summary>What must hold when the file states no constraint; null = the file must state one.</summary>
    Constraint? Default => null;

    IReadOnlyList<Aggregate> Aggregates(CheckScope scope);

    /// <param name="row">The states, in the order of <see cref="Aggregates"/>.</param>
    Metric Evaluate(AggregateRow row, CheckScope scope);
}

public enum CheckTarget
{
    /// <summary>All rows; takes no column.</summary>
    Table,

    /// <summary>One column.</summary>
    Column,

    /// <summary>One or more columns: <c>column: a</c> or <c>columns: [a, b]</c>.</summary>
    Columns,
}

public sealed record CheckParameter(string Name, CheckParameterKind Kind, bool Required = false, double Min = double.NegativeInfinity, double Max = double.PositiveInfinity);

public enum CheckParameterKind { Number, Text, List }

/// <summary>What a check is about: its columns and parameters as the dataset file states them.</summary>
public sealed record CheckScope(IReadOnlyList<string> Columns, string? Where, IReadOnlyDictionary<string, Parameter> Parameters)
{
    public string Column => Columns[0];

    public Aggregate Rows() => new(AggregateKind.Rows, [], Where);

    public Aggregate Count() => new(AggregateKind.Count, [Column], Where);

    public Aggregate Of(AggregateKind kind) => new(kind, Columns, Where);

    public Aggregate WithText(AggregateKind kind, string text) => new(kind, Columns, Where, text);
}
