using Microsoft.ML;
using Microsoft.ML.Trainers;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>Logistic regression by ML.NET's L-BFGS: two classes, or several by maximum entropy. One thread, so that sums have one order.</summary>
internal sealed class LogisticTrainer() : MLNetTrainer(KnownTrainers.Logistic)
{
    protected override IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var context = new MLContext(seed);
        var cached = context.Data.Cache(MLData.View(context, set, cancel));
        if (set.Task == TaskKind.Binary)
        {
            var options = new LbfgsLogisticRegressionBinaryTrainer.Options
            {
                L1Regularization = (float)hyperparameters["l1"], L2Regularization = (float)hyperparameters["l2"], OptimizationTolerance = (float)hyperparameters["tolerance"],
                MaximumNumberOfIterations = (int)hyperparameters["iterations"], NumberOfThreads = 1, ExampleWeightColumnName = MLData.WeightColumn(set),
            };
            return WeightedSums.Of(set, context.BinaryClassification.Trainers.LbfgsLogisticRegression(options).Fit(cached).Model);
        }

        return WeightedSums.Of(set, context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            L1Regularization = (float)hyperparameters["l1"], L2Regularization = (float)hyperparameters["l2"], OptimizationTolerance = (float)hyperparameters["tolerance"],
            MaximumNumberOfIterations = (int)hyperparameters["iterations"], NumberOfThreads = 1, ExampleWeightColumnName = MLData.WeightColumn(set),
        }).Fit(cached).Model);
    }
}
