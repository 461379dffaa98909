using Microsoft.ML;
using Microsoft.ML.Trainers;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>
/// Weighted sums by stochastic dual coordinate ascent (Shalev-Shwartz and Zhang, 2013): logistic loss for two classes, maximum entropy for several, squared loss for numbers.
/// Few passes over many rows. One thread: with several it never gives the same twice.
/// </summary>
internal sealed class SdcaTrainer() : MLNetTrainer(KnownTrainers.Sdca)
{
    protected override IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var context = new MLContext(seed);
        var centre = 0.0;
        if (set.Task == TaskKind.Regression)
        {
            // The bias is not part of a step's length in ML.NET: learned as a weight of its own, it overshoots until nothing is finite on rows near zero. Labels around 0 need next to none.
            centre = set.Labels.Average(l => (double)l);
            set = set with { Labels = Array.ConvertAll(set.Labels, l => (float)(l - centre)) };
        }

        var cached = context.Data.Cache(MLData.View(context, set, cancel));
        var (l1, l2, tolerance) = ((float)hyperparameters["l1"], (float)hyperparameters["l2"], (float)hyperparameters["tolerance"]);
        var (passes, weight) = ((int)hyperparameters["iterations"], MLData.WeightColumn(set));
        switch (set.Task)
        {
            case TaskKind.Binary:
                return WeightedSums.Of(set, context.BinaryClassification.Trainers.SdcaLogisticRegression(new SdcaLogisticRegressionBinaryTrainer.Options
                {
                    L1Regularization = l1, L2Regularization = l2, ConvergenceTolerance = tolerance, MaximumNumberOfIterations = passes, NumberOfThreads = 1, ExampleWeightColumnName = weight,
                }).Fit(cached).Model);
            case TaskKind.Multiclass:
                return WeightedSums.Of(set, context.MulticlassClassification.Trainers.SdcaMaximumEntropy(new SdcaMaximumEntropyMulticlassTrainer.Options
                {
                    L1Regularization = l1, L2Regularization = l2, ConvergenceTolerance = tolerance, MaximumNumberOfIterations = passes, NumberOfThreads = 1, ExampleWeightColumnName = weight,
                }).Fit(cached).Model);
            default:
                var line = context.Regression.Trainers.Sdca(new SdcaRegressionTrainer.Options
                {
                    BiasLearningRate = 0,
                    L1Regularization = l1, L2Regularization = l2, ConvergenceTolerance = tolerance, MaximumNumberOfIterations = passes, NumberOfThreads = 1, ExampleWeightColumnName = weight,
                }).Fit(cached).Model;
                return new LinearPredictor([.. set.Features.Slots.Select(s => s.Cardinality)], [[.. line.Weights.Select(w => (double)w)]], [line.Bias + centre], Link.Identity);
        }
    }
}
