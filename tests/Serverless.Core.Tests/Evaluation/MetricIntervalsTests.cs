using Serverless.Evaluation;
using Serverless.Models;

namespace Serverless.Core.Tests.Evaluation;

public sealed class MetricIntervalsTests
{
    private const int Simulations = 250;

    // Of 250 intervals of 95 %, 225 to 247 cover in 999 of 1,000 such tests (binom.ppf(0.0005, 250, 0.95)); percentile intervals of small samples are a little narrow, so the lower
    // bound is that of 93.5 %: 220.
    [Fact]
    public void Of_Binary_CoversTheTruth()
    {
        var truth = Compute(Draw(200_000, 1));
        var found = Enumerable.Range(0, Simulations).AsParallel().Select(s => Intervals(Draw(400, 1000 + s), s)).ToArray();
        foreach (var metric in new[] { "auc", "log-loss", "accuracy", "brier", "f1", "mcc" }) Covered(found, metric, truth[metric]).ShouldBeInRange(220, 248, metric);
    }

    [Fact]
    public void Of_Regression_CoversTheTruth()
    {
        var model = HoldoutFixture.Model(TaskKind.Regression);
        (double[], double[]) Drawn(int seed)
        {
            var random = new Random(seed);
            double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            double[] predicted = [.. Enumerable.Range(0, 300).Select(_ => Normal())];
            return ([.. predicted.Select(p => p + Normal())], predicted);
        }

        // E|N| = sqrt(2 / pi); errors of variance 1; of a variance of 2 half is explained.
        var found = Enumerable.Range(0, Simulations).AsParallel().Select(s => Intervals(Drawn(s), s, model)).ToArray();
        foreach (var (metric, truth) in new[] { ("mae", Math.Sqrt(2 / Math.PI)), ("rmse", 1), ("r2", 0.5) }) Covered(found, metric, truth).ShouldBeInRange(220, 248, metric);
    }

    private static int Covered(MetricIntervals[] found, string metric, double truth) => found.Count(f => f.Candidate[metric] is var i && i.Lower <= truth && truth <= i.Upper);

    // By formula: accuracy's standard error is sqrt(p (1 - p) / n).
    [Fact]
    public void Of_LargeHoldout_IsNormalAndAsWideAsTheFormulaSays()
    {
        var drawn = Draw(60_000, 5);
        var accuracy = Compute(drawn)["accuracy"];
        var intervals = Intervals(drawn, 1);
        intervals.Method.ShouldBe("normal");
        intervals.Replicates.ShouldBe(200);
        intervals.Sample.ShouldBe(10_000);
        (intervals.Candidate["accuracy"].Upper - intervals.Candidate["accuracy"].Lower).ShouldBe(2 * 1.96 * Math.Sqrt(accuracy * (1 - accuracy) / 60_000), 0.0015);
    }

    // A sample of the rows says how wide the interval of all is: as the formula of DeLong says for the area, and for a model's own sum and mean alike.
    [Fact]
    public void Of_LargeHoldout_SumsAndRankingsScaleAsTheyShould()
    {
        var drawn = Draw(40_000, 6);
        var model = HoldoutFixture.Model(metrics: ("hits", "actual && prediction ? 1 : 0"));
        var intervals = Intervals(drawn, 3, model).Candidate;
        double[] hits = [.. drawn.Truth.Zip(drawn.Outputs, (t, o) => t > 0.5 && o > 0.5 ? 1.0 : 0)];
        var share = hits.Average();
        var scale = model.Metrics[0].Aggregate == MetricAggregate.Sum ? 40_000 : 1;
        (intervals["hits"].Upper - intervals["hits"].Lower).ShouldBe(scale * 2 * 1.96 * Math.Sqrt(share * (1 - share) / 40_000), 0.15 * scale * 2 * 1.96 * Math.Sqrt(share * (1 - share) / 40_000));
        // All rows of a small holdout of the same kind give an interval that is wider by the square root of the rows.
        var small = Intervals(Draw(8_000, 6), 3, model).Candidate["auc"];
        ((small.Upper - small.Lower) / (intervals["auc"].Upper - intervals["auc"].Lower)).ShouldBe(Math.Sqrt(5), 0.5);
    }

    [Fact]
    public void Of_SameSeed_IsEqualWhateverTheThreads()
    {
        var drawn = Draw(500, 9);
        var (first, second) = (Intervals(drawn, 7), Intervals(drawn, 7));
        first.Candidate.ShouldBe(second.Candidate);
        first.Candidate.ShouldNotBe(Intervals(drawn, 8).Candidate);
    }

    [Fact]
    public void Of_MetricThatIsOftenUndefined_HasNoInterval()
    {
        // One true row: in e^-1 of the replicates there is none.
        double[] truth = [1, .. new double[30]], outputs = [.. Enumerable.Range(0, 31).Select(i => i / 31.0)];
        var intervals = Intervals((truth, outputs), 1);
        intervals.Candidate.Keys.ShouldNotContain("auc");
        intervals.Candidate.Keys.ShouldContain("accuracy");
    }

    [Fact]
    public void Of_ModelsOwnMetric_HasAnInterval()
    {
        var model = HoldoutFixture.Model(metrics: ("hits", "actual && prediction ? 1 : 0"));
        var drawn = Draw(400, 2);
        var interval = Intervals(drawn, 1, model).Candidate["hits"];
        var share = drawn.Truth.Zip(drawn.Outputs, (t, o) => t > 0.5 && o > 0.5 ? 1.0 : 0).Average();
        interval.Lower.ShouldBeLessThan(share);
        interval.Upper.ShouldBeGreaterThan(share);
    }

    private static IReadOnlyDictionary<string, double> Compute((double[] Truth, double[] Outputs) drawn) => Metrics.Compute(TaskKind.Binary, drawn.Truth, drawn.Outputs, 2);

    private static MetricIntervals Intervals((double[] Truth, double[] Outputs) drawn, int seed, ModelDefinition? model = null)
    {
        model = (model ?? HoldoutFixture.Model()) with { Trainer = (model ?? HoldoutFixture.Model()).Trainer with { Seed = seed } };
        var holdout = HoldoutFixture.Of(model, drawn.Truth, drawn.Outputs);
        var figures = new HoldoutFigures(holdout, holdout.Candidate);
        return MetricIntervals.Of(holdout, Metrics.Of(holdout, holdout.Candidate, figures), figures, default)!;
    }

    private static (double[] Truth, double[] Outputs) Draw(int rows, int seed)
    {
        var random = new Random(seed);
        double[] outputs = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())];
        return ([.. outputs.Select(p => random.NextDouble() < 0.15 + (0.7 * p) ? 1.0 : 0)], outputs);
    }
}
