using System.Globalization;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;

namespace Serverless.Training;

/// <summary>A fit that left the numbers behind: weights or answers that are not finite, or beyond all measure. Nothing of it is stored.</summary>
public static class Divergence
{
    private const int Looked = 4096;

    // No sane fit answers its own training rows so far beyond every label it saw.
    private const double Beyond = 1e6;

    /// <exception cref="DataException">What was learned is not finite, or the answers to training rows are not.</exception>
    internal static void Require(ITrainer trainer, IPredictor predictor, TrainingSet set)
    {
        var rows = set.Features;
        var largest = set.Task == TaskKind.Regression && set.Labels.Length > 0 ? set.Labels.Max(Math.Abs) : 0.0;
        if (!Finite(predictor)) throw Diverged(trainer, "it learned numbers that are not finite");
        var (outputs, step) = (new double[predictor.Outputs], Math.Max(1, rows.Rows / Looked));
        for (var r = 0; r < rows.Rows; r += step)
        {
            predictor.Predict(rows.Row(r), outputs);
            if (!Array.TrueForAll(outputs, double.IsFinite)) throw Diverged(trainer, "its answers to training rows are not finite");
            if (largest > 0 && Math.Abs(outputs[0]) > Beyond * largest)
            {
                throw Diverged(trainer, string.Create(CultureInfo.InvariantCulture, $"it answers a training row with {outputs[0]:G3}, where no label is beyond {largest:G3}"));
            }
        }
    }

    /// <exception cref="DataException">An answer is not finite.</exception>
    /// <param name="rows">What was answered, for the message.</param>
    internal static void Require(ITrainer trainer, double[] answers, string rows = "the holdout")
    {
        var wrong = answers.Count(a => !double.IsFinite(a));
        if (wrong > 0) throw Diverged(trainer, $"{wrong} of its {answers.Length} answers on {rows} are not finite");
    }

    private static bool Finite(IPredictor predictor) => predictor switch
    {
        LinearPredictor linear => linear.Biases.All(double.IsFinite) && linear.Weights.All(w => Array.TrueForAll(w, double.IsFinite)),
        AdditivePredictor additive => additive.Biases.All(double.IsFinite) && additive.Shapes.All(s => s.Effects.All(double.IsFinite)),
        LightGbmPredictor trees => Finite(trees.Trees),
        TreeEnsemble trees => Finite(trees),
        ConstantPredictor constant => constant.Values.All(double.IsFinite),
        _ => true,
    };

    private static bool Finite(TreeEnsemble trees)
    {
        foreach (var leaf in trees.Leaves)
        {
            if (!double.IsFinite(leaf)) return false;
        }

        return true;
    }

    /// <summary>What people are told.</summary>
    public static DataException Diverged(ITrainer trainer, string how)
    {
        var known = trainer.Hyperparameters.Select(h => h.Name).ToHashSet(StringComparer.Ordinal);
        string[] remedies =
        [
            .. known.Contains("learning-rate") ? ["a smaller 'learning-rate'"] : Array.Empty<string>(),
            .. known.Contains("l2") ? ["a greater 'l2'"] : Array.Empty<string>(),
            "features and labels without extreme values",
        ];
        return new DataException($"trainer '{trainer.Name}' diverged: {how}. Nothing was stored. Try {string.Join(", or ", remedies)}");
    }
}
