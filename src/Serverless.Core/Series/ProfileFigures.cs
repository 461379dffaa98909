using System.Globalization;
using Serverless.Datasets;
using Serverless.Profiles;

namespace Serverless.Series;

/// <summary>A figure that every profile has for columns of some types.</summary>
/// <param name="Types">Empty = all.</param>
internal sealed record ProfileFigure(string Name, IReadOnlyList<ColumnType> Types, Func<ColumnProfile, long, double?, double?> Read)
{
    public bool Fits(ColumnDefinition column) => Types.Count == 0 || Types.Contains(column.Type);
}

/// <summary>The figures of a column's profile that can be followed over time.</summary>
internal static class ProfileFigures
{
    private static readonly ColumnType[] Numbers = [ColumnType.Integer, ColumnType.Number];

    private static readonly ProfileFigure[] All =
    [
        new("completeness", [], (c, rows, _) => rows == 0 ? null : 1 - ((double)c.Nulls / rows)),
        new("nulls", [], (c, _, _) => c.Nulls),
        new("distinct", [], (c, _, _) => c.Distinct),
        new("min", Numbers, (c, _, _) => Number(c.Min)),
        new("max", Numbers, (c, _, _) => Number(c.Max)),
        new("mean", Numbers, (c, _, _) => c.Mean),
        new("stddev", Numbers, (c, _, _) => c.Stddev),
        new("min-length", [ColumnType.String], (c, _, _) => c.Lengths?.Min),
        new("max-length", [ColumnType.String], (c, _, _) => c.Lengths?.Max),
        new("mean-length", [ColumnType.String], (c, _, _) => c.Lengths?.Mean),
        new("quantile", Numbers, (c, _, p) => Quantile(c, p!.Value)),
    ];

    public static IEnumerable<string> Names => All.Select(f => f.Name);

    public static ProfileFigure? Find(string name) => Array.Find(All, f => f.Name == name);

    public static bool HasQuantile(double p) => Frequencies.Quantiles.Any(q => q.P == p);

    private static double? Quantile(ColumnProfile column, double p) =>
        column.Quantiles?.TryGetValue(Frequencies.Quantiles.First(q => q.P == p).Name, out var value) == true ? value : null;

    private static double? Number(object? value) => value switch
    {
        System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.Number } number => number.GetDouble(),
        string or null => null,
        IConvertible number => number.ToDouble(CultureInfo.InvariantCulture),
        _ => null,
    };
}
