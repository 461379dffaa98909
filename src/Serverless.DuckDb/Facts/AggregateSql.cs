using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>Checks' aggregates as SQL over a relation that has the dataset's columns under their names, and as states read back.</summary>
internal static class AggregateSql
{
    /// <summary>How many expressions an aggregate of one scan takes; 0 for those that are found another way.</summary>
    public static int Width(Aggregate aggregate) => aggregate.Kind switch
    {
        AggregateKind.Groups or AggregateKind.Pairs or AggregateKind.Values or AggregateKind.Query or AggregateKind.Reference or AggregateKind.Columns => 0,
        AggregateKind.Extremes or AggregateKind.Lengths or AggregateKind.Times => 2,
        AggregateKind.Moments => 3,
        AggregateKind.DataTypes => 5,
        AggregateKind.CoMoments => 6,
        _ => 1,
    };

    public static IEnumerable<string> Scan(Aggregate aggregate, IReadOnlyList<ColumnDefinition> columns)
    {
        var where = aggregate.Where is { } w ? $"(\n{w}\n)" : null;
        var x = aggregate.Columns.Count > 0 ? Sql.Name(aggregate.Columns[0]) : "";
        var y = aggregate.Columns.Count > 1 ? Sql.Name(aggregate.Columns[1]) : "";
        string Filtered(string call, string? also = null)
        {
            var all = new[] { where, also }.Where(c => c is not null).ToArray();
            return all.Length == 0 ? call : $"{call} FILTER (WHERE {string.Join(" AND ", all)})";
        }

        return aggregate.Kind switch
        {
            AggregateKind.Rows => [Filtered("count(*)")],
            AggregateKind.Count => [Filtered($"count({x})")],
            AggregateKind.CountIf => [Filtered("count(*)", $"(\n{aggregate.Text}\n)")],
            AggregateKind.Matches => [Filtered("count(*)", $"regexp_matches({x}, {Sql.Text(aggregate.Text!)})")],
            AggregateKind.In => [Filtered("count(*)", ContractSql.OneOf(x, TypeOf(aggregate.Columns[0], columns), aggregate.Values!))],
            AggregateKind.Extremes => [Filtered($"CAST(min({x}) AS DOUBLE)"), Filtered($"CAST(max({x}) AS DOUBLE)")],
            AggregateKind.Lengths => [Filtered($"CAST(min(length({x})) AS DOUBLE)"), Filtered($"CAST(max(length({x})) AS DOUBLE)")],
            AggregateKind.Moments => [Filtered($"count({x})"), Filtered($"avg({x})"), Filtered($"var_pop({x})")],
            AggregateKind.Quantile => [Filtered($"CAST(quantile_cont({x}, {Sql.Number(aggregate.Probability)}) AS DOUBLE)")],
            AggregateKind.Compares => [Filtered("count(*)", $"{x} {aggregate.Text} {(y.Length > 0 ? y : aggregate.Values![0])}")],
            AggregateKind.Between => [Filtered("count(*)", string.Join(" AND ", aggregate.Values!.Zip([">=", "<="], (v, op) => v.Length > 0 ? $"{x} {op} {v}::DOUBLE" : $"{x} IS NOT NULL")))],
            AggregateKind.Times => [Filtered($"CAST(epoch_us(min({x})) AS DOUBLE)"), Filtered($"CAST(epoch_us(max({x})) AS DOUBLE)")],
            AggregateKind.CoMoments => [.. new[] { "count", "avgx", "avgy", "sxx", "syy", "sxy" }.Select(f => Filtered($"regr_{f}({y}, {x})"))],
            AggregateKind.DataTypes => [.. TextForms.Select(t => Filtered("count(*)", $"{x} IS {(t.Length == 0 ? "NULL" : $"NOT NULL AND regexp_full_match(CAST({x} AS VARCHAR), '{t}')")}"))
                .Append(Filtered("count(*)", $"{x} IS NOT NULL AND NOT regexp_full_match(CAST({x} AS VARCHAR), '{string.Join('|', TextForms.Where(t => t.Length > 0).Select(t => $"(?:{t})"))}')"))],
            _ => throw new ArgumentOutOfRangeException(nameof(aggregate), aggregate.Kind, "not part of a scan"),
        };
    }

    // The empty text stands for null.
    private static readonly string[] TextForms = ["", TextTypes.Fractional, TextTypes.Integral, TextTypes.Boolean];

    /// <summary>The state from the values of its expressions.</summary>
    public static AggregateState State(Aggregate aggregate, ReadOnlySpan<object?> values) => aggregate.Kind switch
    {
        AggregateKind.Extremes or AggregateKind.Lengths or AggregateKind.Times => new ExtremesState(Figure(values[0]), Figure(values[1])),
        AggregateKind.Moments when Whole(values[0]) is var n => new MomentsState(n, Figure(values[1]) ?? 0, (Figure(values[2]) ?? 0) * n),
        AggregateKind.Quantile => new FigureState(Figure(values[0])),
        AggregateKind.CoMoments when Whole(values[0]) is var n => n == 0 ? CoMomentsState.None
            : new CoMomentsState(n, Figure(values[1])!.Value, Figure(values[2])!.Value, Figure(values[3])!.Value, Figure(values[4])!.Value, Figure(values[5])!.Value),
        AggregateKind.DataTypes => new DataTypesState(Whole(values[0]), Whole(values[1]), Whole(values[2]), Whole(values[3]), Whole(values[4])),
        _ => new CountState(Whole(values[0])),
    };

    /// <summary>The state of no rows.</summary>
    public static AggregateState Empty(Aggregate aggregate, IReadOnlyList<ColumnDefinition> columns) => aggregate.Kind switch
    {
        AggregateKind.Groups => GroupsState.None,
        AggregateKind.Pairs => PairsState.None,
        AggregateKind.Values => new ValuesOfColumnState(ColumnState.Create(aggregate.Columns[0], TypeOf(aggregate.Columns[0], columns))),
        AggregateKind.Query => new FigureState(null),
        AggregateKind.Reference => new ExtremesState(null, null),
        AggregateKind.Columns => ColumnsState.None,
        _ => State(aggregate, new object?[Width(aggregate)]),
    };

    private static ColumnType TypeOf(string name, IReadOnlyList<ColumnDefinition> columns) => columns.First(c => c.Name == name).Type;

    internal static long Whole(object? value) => value is null ? 0 : Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);

    internal static double? Figure(object? value) => value is null ? null : Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
}
