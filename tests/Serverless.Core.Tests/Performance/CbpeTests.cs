using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Performance;

namespace Serverless.Core.Tests.Performance;

public sealed class CbpeTests
{
    // sklearn 1.2.1 IsotonicRegression(out_of_bounds="clip") on the same 2,000 rows.
    [Theory]
    [InlineData(0.05, 0.0)]
    [InlineData(0.33, 0.10909090909090909)]
    [InlineData(0.5, 0.26229508196721313)]
    [InlineData(0.77, 0.59375)]
    [InlineData(0.98, 0.9361702127659575)]
    public void Isotonic_OfTwoThousandRows_IsThatOfScikitLearn(double score, double expected)
    {
        var (scores, truth) = Reference();
        Isotonic.Fit(scores, truth)[score].ShouldBe(expected, 1e-12);
    }

    // NannyML's estimate_* functions and sampling errors (commit of its main branch, numpy 1.24) on the same rows, probabilities calibrated by scikit-learn.
    [Theory]
    [InlineData("auc", 0.8720409511012162, 0.012199843543825854)]
    [InlineData("accuracy", 0.7461149738087863, 0.019467100451787882)]
    [InlineData("precision", 0.5795605921699248, 0.031215380824202676)]
    [InlineData("recall", 0.8690481449695214, 0.026171019124247106)]
    [InlineData("f1", 0.6953790138216273, 0.0394634773068632)]
    [InlineData("specificity", 0.6846173249987959, 0.0254621881375798)]
    public void Estimate_Binary_IsThatOfNannyMl(string metric, double value, double error)
    {
        var (scores, truth) = Reference();
        var cbpe = Cbpe.Fit(true, truth, scores, 2, 0.5, 42);
        cbpe.Calibrates.ShouldBe([true]);
        var estimate = cbpe.Estimate(Scores(500, 5000))[metric];
        estimate.Value.ShouldBe(value, 1e-6); // NannyML rounds the steps of its curve to five digits
        estimate.SamplingError!.Value.ShouldBe(error, 1e-12);
    }

    [Theory]
    [InlineData("auc-ovr", 0.5773233004401611, 0.013969281338606147)]
    [InlineData("macro-f1", 0.40066658063183347, 0.01392168708694165)]
    [InlineData("macro-precision", 0.4006885188392115, 0.019976033992172043)]
    [InlineData("macro-recall", 0.4006951218562371, 0.019976054620800068)]
    [InlineData("accuracy", 0.40070880896192856, 0.01997604004616345)]
    public void Estimate_Multiclass_IsThatOfNannyMl(string metric, double value, double error)
    {
        var (outputs, truth) = ManyClasses(12_000, 0);
        var cbpe = Cbpe.Fit(false, truth, outputs, 3, 0.5, 42);
        cbpe.Calibrates.ShouldBe([true, true, true]);
        var estimate = cbpe.Estimate(ManyClasses(600, 20_000).Outputs)[metric];
        estimate.Value.ShouldBe(value, 1e-6);
        // Where the row with the least score is a positive one, NannyML leaves it out of the ranks.
        estimate.SamplingError!.Value.ShouldBe(error, metric == "auc-ovr" ? 5e-6 : 1e-12);
    }

    [Fact]
    public void Confusion_OfAChunk_AddsUpToItsRowsAndGivesTheSameMetrics()
    {
        var (scores, truth) = Reference();
        var (cbpe, chunk) = (Cbpe.Fit(true, truth, scores, 2, 0.5, 42), Scores(500, 5000));
        var cells = cbpe.Confusion(chunk);
        cells.Sum(r => r.Sum()).ShouldBe(500, 1e-9);
        (cells[1][1] / (cells[1][1] + cells[0][1])).ShouldBe(cbpe.Estimate(chunk)["precision"].Value, 1e-12);
    }

    // needs_calibration of NannyML compares the error over all held-out rows together. For probabilities that mean what they say it says yes in 6 of 10 draws, ours in 3 to 4 (each row counts once); where they
    // do not, both in 9 or more (numpy, 60 draws each). Nothing is lost by a needless one but a little of precision, which the intervals allow for.
    [Theory]
    [InlineData(1, 0, 0.6), InlineData(1.3, 0.85, 1), InlineData(0.5, 1, 1)]
    public void Fit_Calibrates_WhereItLowersTheErrorOnRowsItHasNotSeen(double power, double least, double most)
    {
        var random = new Random(1);
        const int Draws = 60;
        var yes = 0;
        for (var i = 0; i < Draws; i++)
        {
            var (scores, truth) = Draw(random, 1000, s => s, s => Math.Pow(s, power));
            if (Cbpe.Fit(true, truth, scores, 2, 0.5, 42).Calibrates[0]) yes++;
        }

        (yes / (double)Draws).ShouldBeInRange(least, most);
    }

    // At least 95 % of the chunks lie within their intervals, but for 3 binomial deviations: reference and chunk are drawn anew for each. NannyML's deviations are on the wide side, so no more than that is
    // asked; but an interval that is never missed says nothing, and a quarter of its width has to be missed often.
    [Theory]
    [InlineData(1, 1000, 500), InlineData(2, 1000, 500), InlineData(2, 1000, 4000), InlineData(2, 4000, 500), InlineData(0.5, 400, 300)]
    public void Interval_Binary_CoversWhatComesTrueAtItsRate(double power, int referenceRows, int rows)
    {
        var random = new Random(7);
        string[] metrics = ["auc", "accuracy", "precision", "recall", "f1", "specificity"];
        var (covered, quarter) = (metrics.ToDictionary(m => m, _ => 0), metrics.ToDictionary(m => m, _ => 0));
        const int Chunks = 200;
        for (var i = 0; i < Chunks; i++)
        {
            var (reference, labels) = Draw(random, referenceRows, s => s, s => Math.Pow(s, power));
            var (chunk, truth) = Draw(random, rows, s => s, s => Math.Pow(s, power));
            var estimates = Cbpe.Fit(true, labels, reference, 2, 0.5, 42).Estimate(chunk);
            var realised = Metrics.Compute(TaskKind.Binary, truth, chunk, 2);
            foreach (var metric in metrics) Count(estimates[metric], realised[metric], metric, covered, quarter);
        }

        Judge(covered, quarter, Chunks);
    }

    [Theory]
    [InlineData(1500, 600), InlineData(1500, 3000)]
    public void Interval_Multiclass_CoversWhatComesTrueAtItsRate(int referenceRows, int rows)
    {
        var random = new Random(8);
        string[] metrics = ["auc-ovr", "accuracy", "macro-f1", "macro-precision", "macro-recall"];
        var (covered, quarter) = (metrics.ToDictionary(m => m, _ => 0), metrics.ToDictionary(m => m, _ => 0));
        const int Chunks = 120;
        for (var i = 0; i < Chunks; i++)
        {
            var (reference, labels) = ManyClasses(random, referenceRows);
            var (chunk, truth) = ManyClasses(random, rows);
            var estimates = Cbpe.Fit(false, labels, reference, 3, 0.5, 42).Estimate(chunk);
            var realised = Metrics.Compute(TaskKind.Multiclass, truth, chunk, 3);
            foreach (var metric in metrics) Count(estimates[metric], realised[metric], metric, covered, quarter);
        }

        Judge(covered, quarter, Chunks);
    }

    // DeLong, DeLong and Clarke-Pearson (1988) by hand: shares of negatives below the positives .5 and 1, of positives above the negatives 1 and .5; area .75, so each row adds .25 over the half that its class
    // is. Precision: of two answers of true one is right, so 1 - 1/2 and 0 - 1/2 over the half that is answered true.
    [Fact]
    public void Influence_OfFourRows_IsThatOfDeLongAndTheDeltaMethod()
    {
        var added = RowInfluence.OfBinary([0.1, 0.4, 0.35, 0.8], [0, 1, 0, 1], [0, 0, 1, 1]);
        added["auc"].ShouldBe([0.5, -0.5, -0.5, 0.5]);
        added["precision"].ShouldBe([0, -1, 0, 1]);
        RowInfluence.Deviation(added["auc"]).ShouldBe(0.5);
        RowInfluence.OfBinary([0.1, 0.4], [0, 1], [1, 1])["auc"].ShouldBeNull();
    }

    private static void Count(EstimatedValue estimate, double realised, string metric, Dictionary<string, int> covered, Dictionary<string, int> quarter)
    {
        if (realised >= estimate.Lower && realised <= estimate.Upper) covered[metric]++;
        if (Math.Abs(realised - ((estimate.Lower!.Value + estimate.Upper!.Value) / 2)) <= (estimate.Upper.Value - estimate.Lower.Value) / 8) quarter[metric]++;
    }

    private static void Judge(Dictionary<string, int> covered, Dictionary<string, int> quarter, int chunks)
    {
        var said = string.Join(", ", covered.Select(c => $"{c.Key} {c.Value}/{quarter[c.Key]}")) + $" of {chunks}";
        foreach (var count in covered.Values) (count / (double)chunks).ShouldBeGreaterThan(0.95 - (3 * Math.Sqrt(0.95 * 0.05 / chunks)), said);
        foreach (var count in quarter.Values) (count / (double)chunks).ShouldBeLessThan(0.8, said);
    }

    [Fact]
    public void Estimate_UnderCovariateShift_FollowsAndUnderConceptDriftDoesNot()
    {
        var random = new Random(11);
        var (reference, labels) = Draw(random, 20_000, s => s, s => s);
        var cbpe = Cbpe.Fit(true, labels, reference, 2, 0.5, 42);
        var before = Metrics.Compute(TaskKind.Binary, labels, reference, 2)["accuracy"];

        // More of the hard cases: probabilities near a half.
        var (shifted, truth) = Draw(random, 20_000, s => 0.5 + ((s - 0.5) * 0.4), s => s);
        var realised = Metrics.Compute(TaskKind.Binary, truth, shifted, 2)["accuracy"];
        var estimated = cbpe.Estimate(shifted)["accuracy"].Value;
        (before - realised).ShouldBeGreaterThan(0.1, "there is something to follow");
        estimated.ShouldBe(realised, 0.015);

        // The same inputs, and what follows from them has changed: the estimate stays where it was, as the documentation says.
        var (same, changed) = Draw(random, 20_000, s => s, s => 0.5 + ((s - 0.5) * 0.3));
        var after = Metrics.Compute(TaskKind.Binary, changed, same, 2)["accuracy"];
        (before - after).ShouldBeGreaterThan(0.1);
        cbpe.Estimate(same)["accuracy"].Value.ShouldBe(before, 0.015);
    }

    private static (double[] Scores, double[] Truth) Draw(Random random, int rows, Func<double, double> score, Func<double, double> chance)
    {
        double[] scores = [.. Enumerable.Range(0, rows).Select(_ => score(random.NextDouble()))];
        return (scores, [.. scores.Select(s => random.NextDouble() < chance(s) ? 1.0 : 0)]);
    }

    // The sequences that the golden values were computed from: the same in numpy.
    private static double Part(double value) => value - Math.Floor(value);

    private static double[] Scores(int rows, int offset) => [.. Enumerable.Range(1, rows).Select(i => Part((i + offset) * 0.6180339887498949))];

    private static (double[] Scores, double[] Truth) Reference()
    {
        var scores = Scores(2000, 0);
        return (scores, [.. scores.Select((s, i) => Part((i + 1) * 0.7548776662466927) < s * s ? 1.0 : 0)]);
    }

    private static (double[] Outputs, double[] Truth) ManyClasses(Random random, int rows)
    {
        var (outputs, truth) = (new double[rows * 3], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            double[] e = [Math.Exp(3 * random.NextDouble()), Math.Exp(3 * random.NextDouble()), Math.Exp(3 * random.NextDouble())];
            double[] p = [.. e.Select(v => v / e.Sum())];
            double[] flat = [.. p.Select(v => Math.Sqrt(v))];
            var u = random.NextDouble() * flat.Sum();
            truth[row] = u > flat[0] + flat[1] ? 2 : u > flat[0] ? 1 : 0;
            p.CopyTo(outputs, row * 3);
        }

        return (outputs, truth);
    }

    private static (double[] Outputs, double[] Truth) ManyClasses(int rows, int offset)
    {
        var (outputs, truth) = (new double[rows * 3], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            var i = row + 1 + offset;
            double[] e = [Math.Exp(3 * Part(i * 0.6180339887498949)), Math.Exp(3 * Part(i * 0.7548776662466927)), Math.Exp(3 * Part(i * 0.5698402909980532))];
            double[] p = [.. e.Select(v => v / e.Sum())];
            double[] flat = [.. p.Select(v => Math.Pow(v, 0.25))];
            flat = [.. flat.Select(v => v / flat.Sum())];
            var u = Part(i * 0.8191725133961645);
            truth[row] = u > flat[0] + flat[1] ? 2 : u > flat[0] ? 1 : 0;
            p.CopyTo(outputs, row * 3);
        }

        return (outputs, truth);
    }
}
