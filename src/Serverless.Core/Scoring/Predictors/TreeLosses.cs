using Serverless.Models;
using Serverless.Training;

namespace Serverless.Scoring.Predictors;

/// <summary>How well the first trees of an ensemble predict, for every number of them.</summary>
public static class TreeLosses
{
    private const double ProbabilityFloor = 1e-15;

    /// <summary>Mean loss after 1, 2, ... iterations, with the rows' weights: log loss for classes, squared error for numbers.</summary>
    public static double[] Of(TreeEnsemble trees, TrainingSet set, CancellationToken cancel = default)
    {
        var (outputs, iterations) = (trees.Outputs, trees.Trees / trees.Outputs);
        var losses = new double[iterations];
        var total = 0.0;
        Span<double> sums = stackalloc double[outputs], answers = stackalloc double[outputs];
        for (var r = 0; r < set.Features.Rows; r++)
        {
            if ((r & 1023) == 0) cancel.ThrowIfCancellationRequested();
            var row = set.Features.Row(r);
            var weight = set.Weights is { } weights ? weights[r] : 1.0;
            total += weight;
            trees.Bias.CopyTo(sums);
            for (var i = 0; i < iterations; i++)
            {
                trees.Add(row, i * outputs, (i + 1) * outputs, sums);
                sums.CopyTo(answers);
                Links.Apply(trees.Link, trees.Slope, trees.Offset, answers);
                losses[i] += weight * Loss(set.Task, set.Labels[r], answers);
            }
        }

        for (var i = 0; i < iterations; i++) losses[i] /= total;
        return losses;
    }

    private static double Loss(TaskKind task, float label, ReadOnlySpan<double> answers) => task switch
    {
        TaskKind.Regression => (answers[0] - label) * (answers[0] - label),
        TaskKind.Binary => -Math.Log(Math.Max(ProbabilityFloor, label > 0.5f ? answers[0] : 1 - answers[0])),
        _ => -Math.Log(Math.Max(ProbabilityFloor, answers[(int)label])),
    };
}
