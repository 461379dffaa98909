using Serverless.Evaluation.Weighted;
using Serverless.Models;

namespace Serverless.Evaluation;

/// <summary>What other thresholds would have done on the holdout (binary), and how the model's own was chosen.</summary>
public sealed record ThresholdReport
{
    private const int Steps = 20;

    /// <summary>The model's threshold, as served.</summary>
    public required double Threshold { get; init; }

    /// <summary>Null where the model file states no cost: then the threshold is 0.5.</summary>
    public ThresholdChoice? Choice { get; init; }

    /// <summary>Mean cost of a row of the holdout at the threshold, and at 0.5; null without a stated cost.</summary>
    public double? Cost { get; init; }

    public double? CostAtHalf { get; init; }

    /// <summary>0.05, 0.1, ..., 0.95.</summary>
    public required IReadOnlyList<ThresholdPoint> Points { get; init; }

    internal static ThresholdReport? Of(Holdout holdout, ThresholdChoice? choice)
    {
        var answers = holdout.Candidate;
        if (holdout.Task != TaskKind.Binary || holdout.Count == 0 || Array.Exists(answers.Outputs, o => !double.IsFinite(o))) return null;
        var (positives, all) = Counts(answers);
        var cost = holdout.Model.Cost;
        var points = new ThresholdPoint[Steps - 1];
        var values = new double[BinaryCells.Names.Length];
        for (var step = 1; step < Steps; step++)
        {
            // Those above 0.05 * step.
            var (tp, predicted) = (positives[step], all[step]);
            var cells = new BinaryCells(tp, predicted - tp, all[0] - positives[0] - (predicted - tp), positives[0] - tp);
            cells.Fill(values);
            points[step - 1] = new ThresholdPoint((double)step / Steps, values[1], values[2], values[5], values[3], (double)predicted / all[0],
                cost is null ? null : ((cells.Fp * cost.FalsePositive) + (cells.Fn * cost.FalseNegative)) / all[0]);
        }

        return new ThresholdReport
        {
            Threshold = answers.Threshold, Choice = choice, Points = points,
            Cost = cost is null ? null : ThresholdChoice.Cost(cost, answers.Truth, answers.Outputs, answers.Threshold),
            CostAtHalf = cost is null ? null : ThresholdChoice.Cost(cost, answers.Truth, answers.Outputs, 0.5),
        };
    }

    /// <summary>True rows, and rows, whose probability is above each step.</summary>
    private static (long[] Positives, long[] All) Counts(Answers answers)
    {
        var (positives, all) = (new long[Steps], new long[Steps]);
        for (var i = 0; i < answers.Truth.Length; i++)
        {
            var step = 0;
            while (step + 1 < Steps && answers.Outputs[i] > (step + 1.0) / Steps) step++;
            all[step]++;
            if (answers.Truth[i] > 0.5) positives[step]++;
        }

        for (var step = Steps - 2; step >= 0; step--)
        {
            all[step] += all[step + 1];
            positives[step] += positives[step + 1];
        }

        return (positives, all);
    }
}

/// <param name="Selected">Share of rows that are called true.</param>
/// <param name="Cost">Mean cost of a row; null without a stated cost.</param>
public sealed record ThresholdPoint(double Threshold, double Precision, double Recall, double Specificity, double F1, double Selected, double? Cost);
