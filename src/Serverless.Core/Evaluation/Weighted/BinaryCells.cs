namespace Serverless.Evaluation.Weighted;

/// <summary>
/// Metrics that follow from the four cells of a binary confusion matrix, as scikit-learn defines them with <c>zero_division=0</c>: a share of nothing is 0.
/// </summary>
internal readonly record struct BinaryCells(double Tp, double Fp, double Tn, double Fn)
{
    /// <summary>The names that <see cref="Fill"/> computes, in its order.</summary>
    public static readonly string[] Names = ["accuracy", "precision", "recall", "f1", "balanced-accuracy", "specificity", "f0.5", "f2", "mcc", "kappa"];

    private double Positives => Tp + Fn;

    private double Negatives => Tn + Fp;

    public void Fill(Span<double> values)
    {
        values[0] = (Tp + Tn) / (Positives + Negatives);
        values[1] = Share(Tp, Tp + Fp);
        values[2] = Share(Tp, Positives);
        values[3] = F(1);
        values[4] = Positives == 0 ? Share(Tn, Negatives) : Negatives == 0 ? Share(Tp, Positives) : ((Tp / Positives) + (Tn / Negatives)) / 2;
        values[5] = Share(Tn, Negatives);
        values[6] = F(0.25);
        values[7] = F(4);
        values[8] = Share((Tp * Tn) - (Fp * Fn), Math.Sqrt((Tp + Fp) * Positives * Negatives * (Tn + Fn)));
        values[9] = Kappa();
    }

    private double F(double betaSquared) => Share((1 + betaSquared) * Tp, ((1 + betaSquared) * Tp) + (betaSquared * Fn) + Fp);

    // Not defined where chance alone explains everything: one class in truth and answers.
    private double Kappa()
    {
        var all = Positives + Negatives;
        var byChance = (((Tp + Fp) / all) * (Positives / all)) + (((Tn + Fn) / all) * (Negatives / all));
        return byChance < 1 ? (((Tp + Tn) / all) - byChance) / (1 - byChance) : double.NaN;
    }

    private static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;
}
