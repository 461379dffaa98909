using Serverless.Evaluation.Weighted;

namespace Serverless.Evaluation;

/// <summary>All metrics of a model over weighted rows of its holdout: those of the task, then its own.</summary>
internal sealed class HoldoutFigures : IWeightedFigures
{
    private readonly IWeightedFigures standard;
    private readonly BusinessWeighted[] own;

    /// <param name="ranked">Whether a multiclass task's one-against-rest AUC is wanted.</param>
    public HoldoutFigures(Holdout holdout, Answers answers, bool ranked = true)
    {
        standard = WeightedMetric.All(holdout.Task, answers.Truth, answers.Outputs, answers.Classes.Count, answers.Threshold, ranked);
        own = [.. answers.Own.Values];
        Names = [.. standard.Names, .. own.Select(o => o.Metric.Name)];
    }

    public IReadOnlyList<string> Names { get; }

    public void Compute(ReadOnlySpan<byte> weights, Span<double> values)
    {
        standard.Compute(weights, values[..standard.Names.Count]);
        for (var i = 0; i < own.Length; i++) values[standard.Names.Count + i] = own[i].Compute(weights);
    }
}
