using System.Globalization;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Evaluation.Weighted;

/// <summary>One of the model file's own metrics over weighted rows.</summary>
/// <param name="values">What each row adds; NaN where a column that the expression reads is missing: the row is left out.</param>
/// <param name="wrong">Rows with all columns for which the expression gives no number (the logarithm of a negative, a division by zero): a mean over the others would hide them, so the metric is not defined.</param>
internal sealed class BusinessWeighted(BusinessMetricDefinition metric, double[] values, int wrong = 0) : IWeightedFigure
{
    public BusinessMetricDefinition Metric { get; } = metric;

    public double[] Values { get; } = values;

    public int Wrong { get; } = wrong;

    /// <summary>What it would need, where it is not defined.</summary>
    public string Undefined => Wrong > 0 ? string.Create(CultureInfo.InvariantCulture, $"its expression '{Metric.Value.Text}' gives no number (NaN or infinity) in {Wrong} of {Values.Length} rows; mend the expression")
        : $"a column that its expression '{Metric.Value.Text}' reads is missing in every row";

    public double Compute(ReadOnlySpan<byte> weights)
    {
        if (Wrong > 0) return double.NaN;
        var sum = 0.0;
        long all = 0;
        var rows = 0;
        for (var i = 0; i < Values.Length; i++)
        {
            if (double.IsNaN(Values[i])) continue;
            rows++;
            all += weights[i];
            sum += weights[i] * Values[i];
        }

        // A sum is of the holdout's own number of rows, also in a replicate that drew more or fewer.
        return all == 0 ? double.NaN : Metric.Aggregate == MetricAggregate.Mean ? sum / all : sum / all * rows;
    }

    /// <summary>The rows at these positions, in their order.</summary>
    public BusinessWeighted Take(int[] positions) => new(Metric, Array.ConvertAll(positions, p => Values[p]), Wrong);
}
