using System.Globalization;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;
using Serverless.Profiles;

namespace Serverless.DuckDb.Facts;

/// <summary>
/// Profiles of columns with more different values than are worth counting: distinct by HyperLogLog, no most frequent values; quantiles exact up to
/// <see cref="ExactRows"/> rows of the scan, by t-digest above.
/// </summary>
internal static class EstimateReader
{
    /// <summary>An exact quantile holds every value in memory (8 bytes each).</summary>
    public const long ExactRows = 20_000_000;

    public static Dictionary<long, ColumnProfile> Read(Session session, string relation, ColumnDefinition column, IReadOnlyDictionary<long, long> nulls,
        IReadOnlyDictionary<long, long> distinct, long rows, CancellationToken cancel)
    {
        var x = Sql.Name(column.Name);
        var numeric = column.Type is ColumnType.Integer or ColumnType.Number;
        var probabilities = string.Join(", ", Frequencies.Quantiles.Select(q => Sql.Number(q.P)));
        var quantiles = $"{(rows <= ExactRows ? "quantile_cont" : "approx_quantile")}({x}, [{probabilities}])";
        var extremes = column.Type == ColumnType.Timestamp ? $"epoch_us(min({x})), epoch_us(max({x}))" : $"min({x}), max({x})";
        var found = session.Rows(
            $"SELECT epoch_us(_key), {extremes}{(numeric ? $", avg({x}), stddev_samp({x}), {quantiles}" : "")} FROM {relation} GROUP BY _key", cancel);
        return found.ToDictionary(r => r[0] is long key ? key : Periods.NoKey, r => new ColumnProfile
        {
            Name = column.Name,
            Type = Frequencies.TypeName(column.Type),
            Nulls = nulls[r[0] is long k ? k : Periods.NoKey],
            Distinct = distinct[r[0] is long d ? d : Periods.NoKey],
            Min = Extreme(column, r[1]),
            Max = Extreme(column, r[2]),
            Mean = numeric ? Figure(r[3]) : null,
            Stddev = numeric ? Figure(r[4]) : null,
            Quantiles = numeric && r[5] is System.Collections.IList list
                ? Frequencies.Quantiles.Select((q, i) => (q.Name, Value: Figure(list[i]))).Where(q => q.Value is not null).ToDictionary(q => q.Name, q => q.Value!.Value) : null,
        });
    }

    private static object? Extreme(ColumnDefinition column, object? value) =>
        column.Type == ColumnType.Timestamp && value is long microseconds ? Frequencies.TimestampText(microseconds) : value;

    private static double? Figure(object? value) => value is null ? null : Frequencies.Round(Convert.ToDouble(value, CultureInfo.InvariantCulture));
}
