using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Fairness;

/// <summary>Differences and ratios between the group with the highest and the one with the lowest rate.</summary>
internal sealed class Disparities(IReadOnlyList<Tallied> groups, int minRows, double confidence)
{
    // The two extremes were chosen because they are: an interval has to hold for all pairs at once.
    private double PairConfidence(int compared) => 1 - ((1 - confidence) / Math.Max(1, compared * (compared - 1) / 2.0));

    public IReadOnlyList<Disparity> Of(TaskKind task) =>
    [
        .. FairnessMeasures.Of(task).Select(measure => measure switch
        {
            FairnessMeasures.EqualisedOdds => EqualisedOdds(),
            FairnessMeasures.Rate.CalibrationGap or FairnessMeasures.Rate.MeanError => OfMeans(measure, t => t.Error, signed: true),
            FairnessMeasures.Rate.AbsoluteError => OfMeans(measure, t => t.AbsoluteError, signed: false),
            FairnessMeasures.Rate.Calibration => OfCalibration(),
            _ => OfShares(measure, FairnessMeasures.RateOf(measure)!),
        }),
    ];

    // The larger of the differences, the smaller of the ratios, as Fairlearn.
    private Disparity EqualisedOdds()
    {
        var recall = OfShares(FairnessMeasures.EqualisedOdds, FairnessMeasures.Rate.Recall);
        var alarms = OfShares(FairnessMeasures.EqualisedOdds, FairnessMeasures.Rate.FalsePositive);
        if (recall.NotApplicable is not null || alarms.NotApplicable is not null) return recall.NotApplicable is null ? alarms : recall;
        var wider = recall.Difference >= alarms.Difference ? recall : alarms;
        var steeper = recall.Ratio is null || alarms.Ratio < recall.Ratio ? alarms : recall;
        return wider with { Ratio = steeper.Ratio, RatioInterval = steeper.RatioInterval, Groups = Math.Min(recall.Groups, alarms.Groups) };
    }

    private Disparity OfShares(string measure, string rate)
    {
        var compared = groups.Select(g => (g.Name, Share: g.Tally.Shares().First(s => s.Rate == rate))).Where(g => g.Share.Whole >= minRows).Select(g => (g.Name, g.Share.Part, g.Share.Whole)).ToArray();
        if (compared.Length < 2) return Not(measure, compared.Length, "true, false or chosen rows that the rate is of");
        var (high, low) = (compared.MaxBy(g => (double)g.Part / g.Whole), compared.MinBy(g => (double)g.Part / g.Whole));
        var (top, bottom) = ((double)high.Part / high.Whole, (double)low.Part / low.Whole);
        var pairs = PairConfidence(compared.Length);
        return new Disparity
        {
            Measure = measure, Groups = compared.Length, Highest = high.Name, Lowest = low.Name, Difference = top - bottom,
            DifferenceInterval = Proportions.Newcombe(high.Part, high.Whole, low.Part, low.Whole, pairs) is { } i ? i with { Confidence = confidence } : null,
            Ratio = top > 0 ? bottom / top : null,
            RatioInterval = RatioInterval(low.Part, low.Whole, high.Part, high.Whole, pairs),
        };
    }

    // Of logarithms of shares: D. Katz and others, Biometrics 34 (1978). Not defined where nobody was counted.
    private Interval? RatioInterval(double part, double whole, double otherPart, double otherWhole, double pairs)
    {
        if (part <= 0 || otherPart <= 0) return null;
        var error = Math.Sqrt(Math.Max(0, (1 / part) - (1 / whole) + (1 / otherPart) - (1 / otherWhole)));
        var (ratio, factor) = (part / whole / (otherPart / otherWhole), Math.Exp(NormalQuantile.TwoSided(pairs) * error));
        return new Interval(ratio / factor, ratio * factor, confidence, "katz");
    }

    private Disparity OfMeans(string measure, Func<GroupTally, (double Mean, double Variance, long Rows)> mean, bool signed)
    {
        var compared = groups.Select(g => (g.Name, Of: mean(g.Tally))).Where(g => g.Of.Rows >= minRows).ToArray();
        if (compared.Length < 2) return Not(measure, compared.Length, "rows");
        var (high, low) = (compared.MaxBy(g => g.Of.Mean), compared.MinBy(g => g.Of.Mean));
        var interval = Welch.Difference(high.Of.Mean, high.Of.Variance, high.Of.Rows, low.Of.Mean, low.Of.Variance, low.Of.Rows, PairConfidence(compared.Length));
        return new Disparity
        {
            Measure = measure, Groups = compared.Length, Highest = high.Name, Lowest = low.Name, Difference = high.Of.Mean - low.Of.Mean,
            DifferenceInterval = interval is null ? null : interval with { Confidence = confidence }, Ratio = !signed && high.Of.Mean > 0 ? low.Of.Mean / high.Of.Mean : null,
        };
    }

    private Disparity OfCalibration()
    {
        var compared = groups.Where(g => g.Tally.Rows >= minRows).ToArray();
        if (compared.Length < 2) return Not(FairnessMeasures.Rate.Calibration, compared.Length, "rows");
        var (high, low) = (compared.MaxBy(g => g.Tally.CalibrationError)!, compared.MinBy(g => g.Tally.CalibrationError)!);
        var (top, bottom) = (high.Tally.CalibrationError, low.Tally.CalibrationError);
        return new Disparity
        {
            Measure = FairnessMeasures.Rate.Calibration, Groups = compared.Length, Highest = high.Name, Lowest = low.Name, Difference = top - bottom, Ratio = top > 0 ? bottom / top : null,
        };
    }

    private Disparity Not(string measure, int compared, string what) => new()
    {
        Measure = measure, Groups = compared, NotApplicable = $"{compared} of {groups.Count} groups {(compared == 1 ? "has" : "have")} {minRows} {what}; two are needed",
    };
}
