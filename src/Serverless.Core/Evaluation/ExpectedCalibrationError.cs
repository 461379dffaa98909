namespace Serverless.Evaluation;

/// <summary>
/// Expected calibration error: how far, on average over the rows, a probability is from the share of true among the rows with about that probability; bins of equal width.
/// Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks", ICML 2017. It is above zero even for a perfect model, by about
/// the noise of the bins' shares.
/// </summary>
internal sealed class ExpectedCalibrationError(int bins = ExpectedCalibrationError.DefaultBins)
{
    public const int DefaultBins = 10;

    private readonly double[] predicted = new double[bins];
    private readonly double[] observed = new double[bins];
    private long rows;

    /// <param name="probability">In [0, 1]; bins are closed above, the first on both sides.</param>
    public void Add(double probability, bool occurred)
    {
        var bin = Math.Clamp((int)Math.Ceiling(probability * bins) - 1, 0, bins - 1);
        predicted[bin] += probability;
        if (occurred) observed[bin]++;
        rows++;
    }

    /// <summary>NaN without rows.</summary>
    public double Value
    {
        get
        {
            var sum = 0.0;
            for (var b = 0; b < bins; b++) sum += Math.Abs(predicted[b] - observed[b]);
            return rows == 0 ? double.NaN : sum / rows;
        }
    }
}
