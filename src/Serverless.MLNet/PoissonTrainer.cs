using Microsoft.ML;
using Microsoft.ML.Trainers;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>Poisson regression by ML.NET's L-BFGS: the logarithm of the expected count is a weighted sum. One thread, so that sums have one order.</summary>
internal sealed class PoissonTrainer() : MLNetTrainer(KnownTrainers.Poisson)
{
    protected override IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var below = set.Labels.Count(l => l < 0);
        if (below > 0) throw new DataException($"trainer 'poisson' takes counts, and the label is below 0 in {below} of {set.Labels.Length} training rows; filter them in the label's expression, or choose another trainer");
        var context = new MLContext(seed);
        var model = context.Regression.Trainers.LbfgsPoissonRegression(new LbfgsPoissonRegressionTrainer.Options
        {
            L1Regularization = (float)hyperparameters["l1"], L2Regularization = (float)hyperparameters["l2"], OptimizationTolerance = (float)hyperparameters["tolerance"],
            MaximumNumberOfIterations = (int)hyperparameters["iterations"], NumberOfThreads = 1, ExampleWeightColumnName = MLData.WeightColumn(set),
        }).Fit(context.Data.Cache(MLData.View(context, set, cancel))).Model;
        return new LinearPredictor([.. set.Features.Slots.Select(s => s.Cardinality)], [[.. model.Weights.Select(w => (double)w)]], [model.Bias], Link.Exp);
    }
}
