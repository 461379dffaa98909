namespace Serverless.Statistics;

/// <summary>The mean of differences of the same rows, by Student's paired t test ("Student", Biometrika 6, 1908): intervals of metrics that are means over rows.</summary>
/// <param name="Mean">Mean difference.</param>
/// <param name="StandardError">Of the mean.</param>
internal sealed record PairedT(long Rows, double Mean, double StandardError)
{
    /// <returns>Null with fewer than two rows.</returns>
    public static PairedT? Of(ReadOnlySpan<double> differences)
    {
        if (differences.Length < 2) return null;
        double mean = 0, squares = 0;
        for (var i = 0; i < differences.Length; i++)
        {
            var from = differences[i] - mean;
            mean += from / (i + 1);
            squares += from * (differences[i] - mean);
        }

        return new PairedT(differences.Length, mean, Math.Sqrt(squares / (differences.Length - 1) / differences.Length));
    }

    public double PValue => StandardError > 0 ? StudentT.TwoSided(Mean / StandardError, Rows - 1) : Mean == 0 ? 1 : 0;

    public Interval Interval(double confidence)
    {
        var half = StandardError > 0 ? StudentT.Quantile(confidence, Rows - 1) * StandardError : 0;
        return new Interval(Mean - half, Mean + half, confidence, "paired-t");
    }
}
