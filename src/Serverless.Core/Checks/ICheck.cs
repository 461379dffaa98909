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

    /// <summary>Values that the metric can have: a limit outside of it is a slip.</summary>
    ValueRange Range => ValueRange.Any;

    /// <summary>More rows make it greater. Then the figure of several partitions together says nothing of a limit that was set for one: it is judged for each of them.</summary>
    bool GrowsWithRows => false;

    /// <summary>The limit that the check's own parameters state; null = min, max and equals do.</summary>
    Constraint? Limit(CheckScope scope) => null;

    /// <summary>What is wrong with the check's own parameters beyond their kinds, each with the parameter that it is about.</summary>
    IEnumerable<(string Parameter, string Problem)> Problems(CheckScope scope, IReadOnlyList<ColumnDefinition> columns) => [];

    /// <summary>What it is about, for reports; null = its columns.</summary>
    string? Label(CheckScope scope) => null;

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

    /// <summary>Two columns: <c>columns: [a, b]</c>.</summary>
    Pair,
}

/// <param name="Options">For <see cref="CheckParameterKind.Choice"/>: what can be chosen.</param>
public sealed record CheckParameter(
    string Name, CheckParameterKind Kind, bool Required = false, double Min = double.NegativeInfinity, double Max = double.PositiveInfinity, IReadOnlyList<string>? Options = null);

public enum CheckParameterKind { Number, Text, List, Duration, Choice }

/// <summary>Values that a metric can have, both ends included.</summary>
public readonly record struct ValueRange(double Least, double Greatest, string Name)
{
    public static ValueRange Any { get; } = new(double.NegativeInfinity, double.PositiveInfinity, "a number");

    public static ValueRange Share { get; } = new(0, 1, "a share");

    public static ValueRange Count { get; } = new(0, double.PositiveInfinity, "a count");

    public static ValueRange NotNegative { get; } = new(0, double.PositiveInfinity, "never negative");

    public static ValueRange Correlation { get; } = new(-1, 1, "a correlation");
}

/// <summary>What a check is about: its columns and parameters as the dataset file states them.</summary>
public sealed record CheckScope(IReadOnlyList<string> Columns, string? Where, IReadOnlyDictionary<string, Parameter> Parameters)
{
    public string Column => Columns[0];

    public Aggregate Rows() => new(AggregateKind.Rows, [], Where);

    public Aggregate Count() => new(AggregateKind.Count, [Column], Where);

    public Aggregate Of(AggregateKind kind) => new(kind, Columns, Where);

    /// <summary>A parameter as text; null when the file does not state it.</summary>
    public string? Text(string parameter) => Parameters.TryGetValue(parameter, out var p) ? p.Text : null;

    public double Number(string parameter) => double.Parse(Parameters[parameter].Text, System.Globalization.CultureInfo.InvariantCulture);

    public Aggregate WithText(AggregateKind kind, string text) => new(kind, Columns, Where, text);
}
