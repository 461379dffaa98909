using Serverless.Evaluation;
using Serverless.Statistics;

namespace Serverless.Fairness;

/// <summary>What one pass counts of one group, and the rates that follow.</summary>
internal sealed class GroupTally
{
    private readonly List<double> stated = [];
    private readonly List<bool> came = [];
    private readonly Moments error = new();
    private readonly Moments absolute = new();
    private long truePositives;
    private long falsePositives;
    private long falseNegatives;
    private double predicted;
    private double observed;
    private double? calibrationError;

    public long Rows { get; private set; }

    public long Positives => truePositives + falseNegatives;

    private long Negatives => Rows - Positives;

    public double MeanPredicted => predicted / Rows;

    public double MeanObserved => observed / Rows;

    public void AddAnswer(double probability, bool said, bool truth)
    {
        Rows++;
        if (truth && said) truePositives++;
        else if (truth) falseNegatives++;
        else if (said) falsePositives++;
        predicted += probability;
        if (truth) observed++;
        error.Add(probability - (truth ? 1 : 0));
        stated.Add(probability);
        came.Add(truth);
    }

    public void AddValue(double prediction, double truth)
    {
        Rows++;
        predicted += prediction;
        observed += truth;
        error.Add(prediction - truth);
        absolute.Add(Math.Abs(prediction - truth));
    }

    /// <summary>Rates that are shares of rows: part and whole.</summary>
    public IEnumerable<(string Rate, long Part, long Whole)> Shares()
    {
        var trueNegatives = Negatives - falsePositives;
        yield return (FairnessMeasures.Rate.Selection, truePositives + falsePositives, Rows);
        yield return (FairnessMeasures.Rate.Recall, truePositives, Positives);
        yield return (FairnessMeasures.Rate.FalseNegative, falseNegatives, Positives);
        yield return (FairnessMeasures.Rate.FalsePositive, falsePositives, Negatives);
        yield return (FairnessMeasures.Rate.TrueNegative, trueNegatives, Negatives);
        yield return (FairnessMeasures.Rate.Precision, truePositives, truePositives + falsePositives);
        yield return (FairnessMeasures.Rate.Accuracy, truePositives + trueNegatives, Rows);
    }

    /// <summary>Mean of prediction minus truth: for probabilities the calibration gap.</summary>
    public (double Mean, double Variance, long Rows) Error => (error.Mean, error.Variance, Rows);

    public (double Mean, double Variance, long Rows) AbsoluteError => (absolute.Mean, absolute.Variance, Rows);

    /// <summary>NaN without rows.</summary>
    public double CalibrationError => calibrationError ??= CalibrationReport.ExpectedError([.. stated], [.. came]);

    /// <summary>t interval of a mean of the group.</summary>
    public static Interval? MeanInterval((double Mean, double Variance, long Rows) of, double confidence)
    {
        if (of.Rows < 2) return null;
        var half = StudentT.Quantile(confidence, of.Rows - 1) * Math.Sqrt(of.Variance / of.Rows);
        return new Interval(of.Mean - half, of.Mean + half, confidence, "t");
    }

    private sealed class Moments
    {
        private long count;
        private double squares;

        public double Mean { get; private set; }

        public double Variance => count < 2 ? 0 : squares / (count - 1);

        public void Add(double value)
        {
            var from = value - Mean;
            Mean += from / ++count;
            squares += from * (value - Mean);
        }
    }
}
