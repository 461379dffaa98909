using Serverless.Models;
using Serverless.Performance;
using Serverless.Training;

namespace Serverless.LightGbm.Tests;

/// <summary>Direct loss estimation with the learner that it is used with.</summary>
public sealed class DirectLossEstimationTests
{
    private static readonly LightGbmTrainer Trainer = new();

    private static readonly IReadOnlyDictionary<string, double> Settings = TrainerCatalogue.Hyperparameters(Trainer, new TrainerDefinition("lightgbm", new Dictionary<string, Serverless.Datasets.Parameter>(), 1, 0, 0));

    [Fact]
    public void Estimate_MoreOfTheHardRows_FollowsTheRealisedErrors()
    {
        var random = new Random(5);
        var (features, truth, answers) = Draw(random, 8000, hard: 0.2, noise: 1);
        var dle = Dle.Fit(features, truth, answers, Trainer, Settings, 1, default);
        foreach (var hard in new[] { 0.2, 0.8 })
        {
            var (chunk, came, said) = Draw(random, 4000, hard, noise: 1);
            var estimate = dle.Estimate(chunk, said, default);
            var (mae, mse) = (came.Zip(said, (t, a) => Math.Abs(t - a)).Average(), came.Zip(said, (t, a) => (t - a) * (t - a)).Average());
            estimate["mae"].Value.ShouldBe(mae, 0.06 * mae, $"hard {hard}");
            estimate["mse"].Value.ShouldBe(mse, 0.12 * mse, $"hard {hard}");
            estimate["rmse"].Value.ShouldBe(Math.Sqrt(estimate["mse"].Value), 1e-12);
        }

        // NannyML: the standard deviation of single errors of the reference, over the root of the chunk's rows.
        double[] errors = [.. truth.Zip(answers, (t, a) => Math.Abs(t - a))];
        var mean = errors.Average();
        dle.Estimate(features, answers, default)["mae"].SamplingError!.Value.ShouldBe(Math.Sqrt(errors.Average(e => (e - mean) * (e - mean))) / Math.Sqrt(8000), 1e-12);
    }

    [Fact]
    public void Interval_WithoutDrift_CoversWhatComesTrueAtItsRate()
    {
        var (random, covered) = (new Random(9), 0);
        const int Chunks = 40;
        for (var i = 0; i < Chunks; i++)
        {
            var (features, truth, answers) = Draw(random, 1500, hard: 0.3, noise: 1);
            var (chunk, came, said) = Draw(random, 400, hard: 0.3, noise: 1);
            var estimate = Dle.Fit(features, truth, answers, Trainer, Sets.Defaults([("iterations", 20)]), 1, default).Estimate(chunk, said, default)["mae"];
            var realised = came.Zip(said, (t, a) => Math.Abs(t - a)).Average();
            if (realised >= estimate.Lower && realised <= estimate.Upper) covered++;
        }

        // 95 % of 40, less 3 binomial deviations.
        covered.ShouldBeGreaterThanOrEqualTo(33);
    }

    [Fact]
    public void Estimate_WhatFollowsFromTheFeaturesChanged_DoesNotFollow()
    {
        var random = new Random(6);
        var (features, truth, answers) = Draw(random, 8000, hard: 0.3, noise: 1);
        var dle = Dle.Fit(features, truth, answers, Trainer, Settings, 1, default);
        var (chunk, came, said) = Draw(random, 4000, hard: 0.3, noise: 3);
        var realised = came.Zip(said, (t, a) => Math.Abs(t - a)).Average();
        dle.Estimate(chunk, said, default)["mae"].Value.ShouldBeLessThan(0.5 * realised);
    }

    // Errors are four times as large where the second feature is 1.
    private static (FeatureMatrix Features, double[] Truth, double[] Answers) Draw(Random random, int rows, double hard, double noise)
    {
        var (values, truth, answers) = (new float[rows * 2], new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            var (x, isHard) = (random.NextDouble() * 10, random.NextDouble() < hard);
            (values[i * 2], values[(i * 2) + 1]) = ((float)x, isHard ? 1 : 0);
            answers[i] = 2 * x;
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            truth[i] = answers[i] + (normal * noise * (isHard ? 4 : 1));
        }

        return (new FeatureMatrix(values, rows, [new FeatureSlot("x", 0, false), new FeatureSlot("hard", 0, false)]), truth, answers);
    }
}
