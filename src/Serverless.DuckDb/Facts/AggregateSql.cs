using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Facts;

/// <summary>Checks' aggregates as SQL over a relation that has the dataset's columns under their names, and as states read back.</summary>
internal static class AggregateSql
{
    /// <summary>How many expressions an aggregate of one scan takes; 0 for those that need a grouping of their own.</summary>
    public static int Width(Aggregate aggregate) => aggregate.Kind switch
    {
        AggregateKind.Groups => 0,
        AggregateKind.Extremes or AggregateKind.Lengths => 2,
        AggregateKind.Moments => 3,
        _ => 1,
    };

    public static IEnumerable<string> Scan(Aggregate aggregate, IReadOnlyList<ColumnDefinition> columns)
    {
        var where = aggregate.Where is { } w ? $"({w})" : null;
        var x = aggregate.Columns.Count > 0 ? Sql.Name(aggregate.Columns[0]) : "";
        string Filtered(string call, string? also = null)
        {
            var all = new[] { where, also }.Where(c => c is not null).ToArray();
            return all.Length == 0 ? call : $"{call} FILTER (WHERE {string.Join(" AND ", all)})";
        }

        return aggregate.Kind switch
        {
            AggregateKind.Rows => [Filtered("count(*)")],
            AggregateKind.Count => [Filtered($"count({x})")],
            AggregateKind.CountIf => [Filtered("count(*)", $"({aggregate.Text})")],
            AggregateKind.Matches => [Filtered("count(*)", $"regexp_matches({x}, {Sql.Text(aggregate.Text!)})")],
            AggregateKind.In => [Filtered("count(*)", ContractSql.OneOf(x, TypeOf(aggregate.Columns[0], columns), aggregate.Values!))],
            AggregateKind.Extremes => [Filtered($"CAST(min({x}) AS DOUBLE)"), Filtered($"CAST(max({x}) AS DOUBLE)")],
            AggregateKind.Lengths => [Filtered($"CAST(min(length({x})) AS DOUBLE)"), Filtered($"CAST(max(length({x})) AS DOUBLE)")],
            AggregateKind.Moments => [Filtered($"count({x})"), Filtered($"avg({x})"), Filtered($"var_pop({x})")],
            AggregateKind.Quantile => [Filtered($"CAST(quantile_cont({x}, {Sql.Number(aggregate.Probability)}) AS DOUBLE)")],
            AggregateKind.ApproxDistinct => [Filtered($"CAST(approx_count_distinct({x}) AS DOUBLE)")],
            _ => throw new ArgumentOutOfRangeException(nameof(aggregate), aggregate.Kind, "not part of a scan"),
        };
    }

    /// <summary>The state from the values of its expressions.</summary>
    public static AggregateState State(Aggregate aggregate, ReadOnlySpan<object?> values) => aggregate.Kind switch
    {
        AggregateKind.Extremes or AggregateKind.Lengths => new ExtremesState(Figure(values[0]), Figure(values[1])),
        AggregateKind.Moments when Whole(values[0]) is var n => new MomentsState(n, Figure(values[1]) ?? 0, (Figure(values[2]) ?? 0) * n),
        AggregateKind.Quantile or AggregateKind.ApproxDistinct => new FigureState(Figure(values[0])),
        _ => new CountState(Whole(values[0])),
    };

    /// <summary>The state of no rows.</summary>
    public static AggregateState Empty(Aggregate aggregate) => aggregate.Kind == AggregateKind.Groups
        ? new GroupsState(0, 0, 0, 0, 0) : State(aggregate, new object?[Width(aggregate)]);

    /// <summary>Figures of the groups of equal values, by period: key, rows, groups, unique, keys, entropy.</summary>
    public static string Groups(Aggregate aggregate, string relation)
    {
        var columns = string.Join(", ", aggregate.Columns.Select(Sql.Name));
        var complete = string.Join(" AND ", aggregate.Columns.Select(c => $"{Sql.Name(c)} IS NOT NULL"));
        var filled = string.Join(" OR ", aggregate.Columns.Select(c => $"{Sql.Name(c)} IS NOT NULL"));
        var where = aggregate.Where is { } w ? $" AND ({w})" : "";
        return $"""
            SELECT epoch_us(_key), CAST(sum(n) AS BIGINT), count(*), count(*) FILTER (WHERE n = 1), count(*) FILTER (WHERE n = 1 AND complete),
              ln(sum(n)) - sum(n * ln(n) ORDER BY n) / sum(n)
            FROM (SELECT _key, {complete} AS complete, count(*) AS n FROM {relation} WHERE ({filled}){where} GROUP BY _key, {columns}) GROUP BY _key
            """;
    }

    public static GroupsState GroupsOf(object?[] row) => new(Whole(row[1]), Whole(row[2]), Whole(row[3]), Whole(row[4]), Figure(row[5]) ?? 0);

    private static ColumnType TypeOf(string name, IReadOnlyList<ColumnDefinition> columns) => columns.First(c => c.Name == name).Type;

    private static long Whole(object? value) => value is null ? 0 : Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);

    private static double? Figure(object? value) => value is null ? null : Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
}
