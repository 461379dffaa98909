using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>What ML.NET's linear trainers learned, as our own predictor.</summary>
internal static class WeightedSums
{
    public static LinearPredictor Of(TrainingSet set, CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> model)
    {
        // Platt: 1 / (1 + exp(slope * score + offset)).
        var (slope, offset) = (-model.Calibrator.Slope, -model.Calibrator.Offset);
        return new LinearPredictor(Cardinalities(set), [[.. model.SubModel.Weights.Select(w => w * slope)]], [model.SubModel.Bias * slope + offset], Link.Sigmoid);
    }

    public static LinearPredictor Of(TrainingSet set, MaximumEntropyModelParameters model)
    {
        VBuffer<float>[]? weights = null;
        model.GetWeights(ref weights, out _);
        return new LinearPredictor(Cardinalities(set), [.. weights.Select(w => w.DenseValues().Select(v => (double)v).ToArray())], [.. model.GetBiases().Select(b => (double)b)], Link.Softmax);
    }

    private static int[] Cardinalities(TrainingSet set) => [.. set.Features.Slots.Select(s => s.Cardinality)];
}
