using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>Logistic regression by ML.NET's L-BFGS: two classes, or several by maximum entropy. One thread, so that sums have one order.</summary>
internal sealed class LogisticTrainer() : MLNetTrainer(KnownTrainers.Logistic)
{
    protected override IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var context = new MLContext(seed);
        var cached = context.Data.Cache(MLData.View(context, set, cancel));
        int[] cardinalities = [.. set.Features.Slots.Select(s => s.Cardinality)];
        if (set.Task == TaskKind.Binary)
        {
            var options = new LbfgsLogisticRegressionBinaryTrainer.Options
            {
                L1Regularization = (float)hyperparameters["l1"], L2Regularization = (float)hyperparameters["l2"], OptimizationTolerance = (float)hyperparameters["tolerance"],
                MaximumNumberOfIterations = (int)hyperparameters["iterations"], NumberOfThreads = 1, ExampleWeightColumnName = MLData.WeightColumn(set),
            };
            var model = context.BinaryClassification.Trainers.LbfgsLogisticRegression(options).Fit(cached).Model;
            // Platt: 1 / (1 + exp(slope * score + offset)).
            var (slope, offset) = (-model.Calibrator.Slope, -model.Calibrator.Offset);
            return new LinearPredictor(cardinalities, [[.. model.SubModel.Weights.Select(w => w * slope)]], [model.SubModel.Bias * slope + offset], Link.Sigmoid);
        }

        var entropy = context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            L1Regularization = (float)hyperparameters["l1"], L2Regularization = (float)hyperparameters["l2"], OptimizationTolerance = (float)hyperparameters["tolerance"],
            MaximumNumberOfIterations = (int)hyperparameters["iterations"], NumberOfThreads = 1, ExampleWeightColumnName = MLData.WeightColumn(set),
        }).Fit(cached).Model;
        VBuffer<float>[]? weights = null;
        entropy.GetWeights(ref weights, out _);
        return new LinearPredictor(cardinalities, [.. weights.Select(w => w.DenseValues().Select(v => (double)v).ToArray())], [.. entropy.GetBiases().Select(b => (double)b)], Link.Softmax);
    }
}
