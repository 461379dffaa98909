namespace Serverless.Statistics;

/// <summary>What is believed of an arm: a Beta distribution of a share, or a normal distribution of a mean.</summary>
internal readonly record struct Belief(bool Share, double A, double B)
{
    /// <summary>After so many successes and failures, from the uniform prior Beta(1, 1).</summary>
    public static Belief OfShare(double successes, double failures) => new(true, successes + 1, failures + 1);

    public static Belief OfMean(double mean, double variance) => new(false, mean, variance);

    public double Mean => Share ? A / (A + B) : A;

    public double Deviation => Share ? Math.Sqrt(A * B / ((A + B) * (A + B) * (A + B + 1))) : Math.Sqrt(B);

    /// <summary>Logarithm of the density, up to a constant.</summary>
    public double LogDensity(double x) => !Share ? -(x - A) * (x - A) / (2 * B) : Term(A - 1, x) + Term(B - 1, 1 - x);

    private static double Term(double power, double x) => power == 0 ? 0 : x <= 0 ? double.NegativeInfinity : power * Math.Log(x);
}

/// <summary>
/// The probability of each arm to be the best: the integral of its density times the other arms' distribution functions. Deterministic: by the trapezoidal rule where Thompson sampling would draw.
/// Source: S. L. Scott, "A modern Bayesian look at the multi-armed bandit" (2010).
/// </summary>
internal static class BestArm
{
    private const int Points = 2001;
    private const double Reach = 9;

    /// <param name="beliefs">Of the arms, where more is better.</param>
    /// <returns>Adds up to 1.</returns>
    public static double[] Probabilities(IReadOnlyList<Belief> beliefs)
    {
        var arms = beliefs.Select(b => new Curve(b)).ToArray();
        var best = new double[arms.Length];
        for (var i = 0; i < arms.Length; i++)
        {
            var arm = arms[i];
            for (var k = 0; k < Points; k++)
            {
                var product = arm.Density[k] * (k is 0 or Points - 1 ? 0.5 : 1);
                for (var j = 0; j < arms.Length && product > 0; j++) if (j != i) product *= arms[j].Below(arm.X(k));
                best[i] += product * arm.Step;
            }
        }

        var sum = best.Sum();
        return sum > 0 ? [.. best.Select(b => b / sum)] : [.. best.Select(_ => 1.0 / best.Length)];
    }

    private sealed class Curve
    {
        private readonly double from;
        private readonly double[] below = new double[Points];

        public Curve(Belief belief)
        {
            var (low, high) = (belief.Mean - (Reach * belief.Deviation), belief.Mean + (Reach * belief.Deviation));
            if (belief.Share) (low, high) = (Math.Max(0, low), Math.Min(1, high));
            (from, Step) = (low, Math.Max((high - low) / (Points - 1), double.Epsilon));
            var logs = Enumerable.Range(0, Points).Select(k => belief.LogDensity(X(k))).ToArray();
            var most = logs.Max();
            Density = [.. logs.Select(l => Math.Exp(l - most))];
            for (var k = 1; k < Points; k++) below[k] = below[k - 1] + ((Density[k - 1] + Density[k]) / 2 * Step);
            var total = below[^1];
            for (var k = 0; k < Points; k++) (Density[k], below[k]) = (Density[k] / total, below[k] / total);
        }

        public double[] Density { get; }

        public double Step { get; }

        public double X(int k) => from + (k * Step);

        public double Below(double x)
        {
            var at = (x - from) / Step;
            if (at <= 0) return 0;
            if (at >= Points - 1) return 1;
            var k = (int)at;
            return below[k] + ((below[k + 1] - below[k]) * (at - k));
        }
    }
}
