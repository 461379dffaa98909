using Microsoft.ML;
using Microsoft.ML.Trainers;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>
/// Linear regression with squared loss by ML.NET's dual coordinate ascent (SDCA; Shalev-Shwartz and Zhang, 2013). One thread: with several it is asynchronous and
/// never gives the same twice. ML.NET's ordinary least squares would need Intel's library.
/// </summary>
internal sealed class LinearTrainer() : MLNetTrainer(KnownTrainers.Linear)
{
    protected override IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var context = new MLContext(seed);
        var model = context.Regression.Trainers.Sdca(new SdcaRegressionTrainer.Options
        {
            L2Regularization = (float)hyperparameters["l2"],
            ConvergenceTolerance = (float)hyperparameters["tolerance"],
            MaximumNumberOfIterations = (int)hyperparameters["iterations"],
            NumberOfThreads = 1, ExampleWeightColumnName = MLData.WeightColumn(set),
        }).Fit(context.Data.Cache(MLData.View(context, set, cancel))).Model;
        return new LinearPredictor([.. set.Features.Slots.Select(s => s.Cardinality)], [[.. model.Weights.Select(w => (double)w)]], [model.Bias], Link.Identity);
    }
}
