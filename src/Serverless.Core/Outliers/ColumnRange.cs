using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Outliers;

/// <summary>The least and the greatest training value of a number.</summary>
public sealed record ColumnRange(string Column, double Min, double Max)
{
    /// <summary>Null when the value lies within.</summary>
    public string? Judge(double value) => value > Max ? string.Create(CultureInfo.InvariantCulture, $"{Column}: {value:R} is above every training value ({Min:R} to {Max:R})")
        : value < Min ? string.Create(CultureInfo.InvariantCulture, $"{Column}: {value:R} is below every training value ({Min:R} to {Max:R})") : null;

    internal static ColumnRange? Of(TableColumn column, int[] rows)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        foreach (var row in rows)
        {
            if (column.IsMissing(row)) continue;
            var value = column is IntegerColumn whole ? whole.Values[row] : ((NumberColumn)column).Values[row];
            if (!double.IsFinite(value)) continue;
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        }

        return min <= max ? new ColumnRange(column.Name, min, max) : null;
    }
}
