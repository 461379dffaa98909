namespace Serverless.Performance;

/// <summary>
/// Probabilities that mean what they say. Calibrated by isotonic regression only where that makes the expected calibration error smaller on rows that it was not fitted on: over ten folds of the
/// reference together, as NannyML's <c>needs_calibration</c> has it (folds by position in a seeded shuffle, stratified, instead of its ten random splits, so that each row counts once).
/// </summary>
internal sealed class Calibrator
{
    internal const int Folds = 10;
    private const int Bins = 10;
    private const int LeastRows = 100;
    private const double Perfect = 0.999;

    private readonly Isotonic? isotonic;

    private Calibrator(Isotonic? isotonic) => this.isotonic = isotonic;

    /// <summary>False: probabilities are taken as they are.</summary>
    public bool Calibrates => isotonic is not null;

    public double this[double probability] => isotonic is null ? probability : isotonic[probability];

    public static Calibrator Fit(double[] probabilities, double[] truth, int seed) => Needed(probabilities, truth, seed) ? new Calibrator(Isotonic.Fit(probabilities, truth)) : new Calibrator(null);

    /// <summary>The expected calibration error with bins of equally many rows.</summary>
    public static double Error(double[] probabilities, double[] truth)
    {
        var (keys, values) = ((double[])probabilities.Clone(), (double[])truth.Clone());
        Array.Sort(keys, values);
        var bins = keys.Length <= 2 * Bins ? Math.Max(1, keys.Length / 2) : Bins;
        var (width, sum) = (keys.Length / bins, 0.0);
        for (var b = 0; b < bins; b++)
        {
            var (from, to) = (b * width, b == bins - 1 ? keys.Length : (b + 1) * width);
            double p = 0, t = 0;
            for (var i = from; i < to; i++) (p, t) = (p + keys[i], t + values[i]);
            sum += Math.Abs(p - t) / keys.Length;
        }

        return sum;
    }

    /// <summary>The fold of each row: by position in a seeded shuffle, stratified.</summary>
    internal static int[] FoldsOf(double[] truth, int seed)
    {
        var fold = new int[truth.Length];
        var order = Enumerable.Range(0, truth.Length).ToArray();
        new Random(seed).Shuffle(order);
        int[] next = [0, 0];
        foreach (var i in order) fold[i] = next[truth[i] > 0.5 ? 1 : 0]++ % Folds;
        return fold;
    }

    private static bool Needed(double[] probabilities, double[] truth, int seed)
    {
        var ones = truth.Count(t => t > 0.5);
        if (truth.Length < LeastRows || ones < Folds || truth.Length - ones < Folds) return false;
        var fold = FoldsOf(truth, seed);
        // Ranks that are nearly perfect leave calibration nothing to do but harm.
        if (Cbpe.Auc(probabilities, truth) > Perfect) return false;
        var calibrated = new double[truth.Length];
        for (var f = 0; f < Folds; f++)
        {
            int[] train = [.. Enumerable.Range(0, truth.Length).Where(i => fold[i] != f)];
            var fitted = Isotonic.Fit(Array.ConvertAll(train, i => probabilities[i]), Array.ConvertAll(train, i => truth[i]));
            for (var i = 0; i < truth.Length; i++) if (fold[i] == f) calibrated[i] = fitted[probabilities[i]];
        }

        return Error(calibrated, truth) < Error(probabilities, truth);
    }
}
