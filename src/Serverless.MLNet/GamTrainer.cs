using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>
/// Generalised additive model by ML.NET: a sum of one function of each feature, found by boosting (Lou, Caruana and Gehrke, 2012). Several classes as one against all. ML.NET's own loses
/// its effects when rows have weights, so classes cannot be weighted. Categories go in by their order (<see cref="OrderedCategories"/>). Trained on one thread (<see cref="OneThread"/>).
/// </summary>
internal sealed class GamTrainer() : MLNetTrainer(KnownTrainers.Gam)
{
    protected override IPredictor Train(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, CancellationToken cancel)
    {
        var context = new MLContext(seed);
        if (set.Task == TaskKind.Regression)
        {
            var ordered = OrderedCategories.Of(set);
            var options = new GamRegressionTrainer.Options
            {
                NumberOfIterations = (int)hyperparameters["iterations"], LearningRate = Rate(hyperparameters["learning-rate"], ordered.Set), MinimumExampleCountPerLeaf = (int)hyperparameters["min-data-in-leaf"],
                MaximumBinCountPerFeature = (int)hyperparameters["max-bin"], Seed = seed, FeatureFlocks = false,
            };
            var trainer = context.Regression.Trainers.Gam(options);
            var model = GamConversion.Of([OneThread.Train(() => trainer.Fit(MLData.View(context, ordered.Set, cancel))).Model], ordered.Set.Features.Slots, Link.Identity);
            return Centred(ordered.Restore(model), set);
        }

        // Each class has its own order of categories.
        AdditivePredictor[] classes =
        [
            .. OneAgainstAll.Of(set).Select(one =>
            {
                var ordered = OrderedCategories.Of(one);
                var trainer = Binary(context, hyperparameters, ordered.Set, seed);
                return ordered.Restore(GamConversion.Of([OneThread.Train(() => trainer.Fit(MLData.View(context, ordered.Set, cancel))).Model.SubModel], ordered.Set.Features.Slots, Link.Sigmoid));
            }),
        ];
        return new AdditivePredictor([.. classes.Select(c => c.Biases[0])], [.. classes.SelectMany((c, k) => c.Shapes.Select(s => new AdditiveShape(k, s.Slot, s.Bounds, s.Effects)))],
            set.Task == TaskKind.Binary ? Link.Sigmoid : Link.NormalisedSigmoid);
    }

    /// <summary>
    /// ML.NET adds a step for every place in each round, all from the same residuals, so what they have in common (the mean) is stepped as often as there are places: beyond 2 / rate of them it grows from round
    /// to round without end. A rate of 1 / places at most cannot overshoot, whatever the places are; of logistic loss, whose curvature is 1/4 at most, one of 4 / places.
    /// </summary>
    internal static double Rate(double asked, TrainingSet set) => Math.Min(asked, (set.Task == TaskKind.Regression ? 1.0 : 4.0) / Math.Max(1, MLData.Places(set.Features.Slots).Length));

    // ML.NET gathers the intercept of a regression from the steps of all places, with what they overshot. With squared loss the intercept is the one that leaves residuals of mean 0.
    private static AdditivePredictor Centred(AdditivePredictor model, TrainingSet set)
    {
        var functions = new AdditivePredictor([0], model.Shapes, Link.Identity);
        var (residual, score) = (0.0, new double[1]);
        for (var r = 0; r < set.Features.Rows; r++)
        {
            functions.Raw(set.Features.Row(r), score);
            residual += set.Labels[r] - score[0];
        }

        return new AdditivePredictor([residual / set.Features.Rows], model.Shapes, Link.Identity);
    }

    private static GamBinaryTrainer Binary(MLContext context, IReadOnlyDictionary<string, double> hyperparameters, TrainingSet set, int seed) =>
        context.BinaryClassification.Trainers.Gam(new GamBinaryTrainer.Options
        {
            NumberOfIterations = (int)hyperparameters["iterations"], LearningRate = Rate(hyperparameters["learning-rate"], set), MinimumExampleCountPerLeaf = (int)hyperparameters["min-data-in-leaf"],
            MaximumBinCountPerFeature = (int)hyperparameters["max-bin"], Seed = seed, FeatureFlocks = false,
        });
}

/// <summary>From ML.NET's shape functions to ours.</summary>
internal static class GamConversion
{
    public static AdditivePredictor Of(GamModelParametersBase[] outputs, IReadOnlyList<FeatureSlot> slots, Link link)
    {
        var places = MLData.Places(slots);
        var (shapes, biases) = (new List<AdditiveShape>(), outputs.Select(o => o.Bias).ToArray());
        for (var k = 0; k < outputs.Length; k++)
        {
            var categories = slots.Select(s => s.IsCategory ? new double[s.Cardinality] : null).ToArray();
            var (map, bounds, effects) = (Inputs(outputs[k]), Bounds(outputs[k]), Effects(outputs[k]));
            for (var f = 0; f < map.Length; f++)
            {
                var (slot, category) = places[map[f]];
                if (category < 0)
                {
                    shapes.Add(new AdditiveShape(k, slot, bounds[f][..^1], effects[f]));
                    continue;
                }

                // A 0/1 place: what 0 adds is there for every row, and the category's own rows have the difference.
                var (none, own) = (At(bounds[f], effects[f], 0), At(bounds[f], effects[f], 1));
                biases[k] += none;
                categories[slot]![category] = own - none;
            }

            shapes.AddRange(categories.Select((c, slot) => (Effects: c, Slot: slot)).Where(c => c.Effects is not null && c.Effects.Any(e => e != 0)).Select(c => new AdditiveShape(k, c.Slot, null, c.Effects!)));
        }

        return new AdditivePredictor(biases, shapes, link);
    }

    private static double At(double[] bounds, double[] effects, double value) => effects[Math.Min(bounds.TakeWhile(b => b < value).Count(), effects.Length - 1)];

    // ML.NET's public GetBinEffects refuses features behind as many others as have no function, so the arrays themselves are read. A test compares the answers.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_shapeToInputMap")]
    private static extern ref int[] Inputs(GamModelParametersBase model);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_binUpperBounds")]
    private static extern ref double[][] Bounds(GamModelParametersBase model);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_binEffects")]
    private static extern ref double[][] Effects(GamModelParametersBase model);
}
