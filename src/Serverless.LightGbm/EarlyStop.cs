using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.LightGbm;

/// <summary>Iterations until LightGBM's own metric of the rows set aside is no longer better.</summary>
internal static unsafe class EarlyStop
{
    public static StoppingPoint Run(
        TrainingData data, TrainingData aside, string parameters, int iterations, int rounds, IReadOnlyList<FeatureSlot> slots, IProgress<double>? progress, CancellationToken cancel)
    {
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterCreate(data.Handle, parameters, out var booster));
        try
        {
            LightGbmNative.Check(LightGbmNative.LGBM_BoosterAddValidData(booster, aside.Handle));
            var (best, loss, tried) = (0, double.PositiveInfinity, 0);
            while (tried < iterations && tried - best < rounds)
            {
                cancel.ThrowIfCancellationRequested();
                LightGbmNative.Check(LightGbmNative.LGBM_BoosterUpdateOneIter(booster, out var finished));
                if (finished != 0) break;
                tried++;
                // Less is better for the metric of every objective that we offer.
                if (Loss(booster) is var now && now < loss) (best, loss) = (tried, now);
                progress?.Report((double)tried / iterations);
            }

            // No iteration was better than none: one is the least that a model can have.
            var kept = Math.Max(1, best);
            return new StoppingPoint(new LightGbmPredictor(LightGbmTrainer.Save(booster, slots, kept)), kept, tried, best == 0 ? Loss(booster) : loss);
        }
        finally
        {
            LightGbmNative.LGBM_BoosterFree(booster);
        }
    }

    private static double Loss(nint booster)
    {
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterGetEvalCounts(booster, out var count));
        var results = stackalloc double[Math.Max(1, count)];
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterGetEval(booster, 1, out var length, results));
        return length > 0 ? results[0] : double.NaN;
    }
}
