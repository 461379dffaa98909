using System.Globalization;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Fairness;
using Serverless.Features;
using Serverless.Models;
using Serverless.Scoring;
using Serverless.Training;

namespace Serverless.Gating;

/// <summary>Computes, once, what the gate judges later: intervals of differences, what the guards find, answers by group.</summary>
internal sealed class GateExaminer(GuardCatalogue guards, TimeProvider time)
{
    /// <summary>Columns that have to be read for it besides those of label and features.</summary>
    public IReadOnlyCollection<string> Columns(ModelDefinition model, DatasetDefinition dataset) => guards.Columns(model, dataset);

    /// <summary>The result with evidence and fairness in their places.</summary>
    /// <param name="plan">The candidate's features.</param>
    /// <param name="bytes">Size of model.zip.</param>
    public TrainingResult Examine(TrainingResult result, Holdout holdout, DatasetDefinition dataset, PipelineDocument document, FeaturePlan plan, long bytes, CancellationToken cancel)
    {
        var model = holdout.Model;
        var (candidate, champion) = (JudgedRows.Of(holdout.Task, holdout.Candidate), holdout.Champion is { } c ? JudgedRows.Of(holdout.Task, c) : null);
        var groupings = new Dictionary<string, Grouping>(StringComparer.Ordinal);
        Grouping GroupBy(GroupDefinition group) => groupings.TryGetValue(group.By.Text, out var found) ? found with { Name = group.Name }
            : groupings[group.By.Text] = Grouping.Of(group, dataset, holdout.Table, holdout.Rows, model.File, cancel);
        var scope = new GuardScope
        {
            Model = model, Dataset = dataset, Candidate = candidate, Champion = champion, Metrics = result.Metrics.Candidate, ChampionMetrics = result.Metrics.Champion, Ticks = holdout.Ticks,
            Span = (result.Lineage.HoldoutFrom.UtcTicks, result.Lineage.Until.UtcTicks), GroupBy = GroupBy, Bytes = bytes, Cancel = cancel,
            Latencies = () => SingleRows.Time(new ScoringPipeline(document, plan, holdout.Candidate.Predictor, 0), holdout, time, cancel),
        };
        return result with { Gate = Evidence(result, holdout, scope), Fairness = Fairness(model, scope) };
    }

    private GateEvidence Evidence(TrainingResult result, Holdout holdout, GuardScope scope)
    {
        var metric = Gate.MetricOf(scope.Model).Name;
        if (!scope.Metrics.TryGetValue(metric, out var own)) return new GateEvidence { Undefined = Undefined(holdout, metric), Findings = Guards(scope) };
        MetricDifference? Against(Answers? other, IReadOnlyDictionary<string, double>? figures) => other is null || figures?.TryGetValue(metric, out var figure) is not true ? null
            : PairedComparison.Of(metric, own, figure, scope.Candidate, JudgedRows.Of(holdout.Task, other), scope.Model.Gate.Confidence ?? GateDefinition.DefaultConfidence, scope.Seed, scope.Cancel);
        return new GateEvidence
        {
            Champion = Against(holdout.Champion, result.Metrics.Champion), Baseline = Against(holdout.Baseline, result.Metrics.Baseline), Findings = Guards(scope),
        };
    }

    // An answer that is no number has no place in a comparison: the metric is missing already, and refuses.
    private GateFinding[] Guards(GuardScope scope) => Array.Exists(scope.Candidate.Outputs, o => !double.IsFinite(o)) ? []
        : [.. scope.Model.Gate.Guards.SelectMany(g => guards[g.Guard].Judge(new GuardSettings(g), scope))];

    private static FairnessReport? Fairness(ModelDefinition model, GuardScope scope) =>
        model.Fairness is not { } fairness || Array.Exists(scope.Candidate.Outputs, o => !double.IsFinite(o)) ? null : new FairnessReport
        {
            MinRows = fairness.MinRows, Confidence = fairness.Confidence,
            Groupings = [.. fairness.Groups.SelectMany(g => GroupFairness.Compare(scope.Candidate, scope.GroupBy(g), fairness.MinRows, fairness.Confidence))],
        };

    private static string? Undefined(Holdout holdout, string metric)
    {
        var outputs = holdout.Candidate.Outputs.Count(o => !double.IsFinite(o));
        if (outputs > 0) return string.Create(CultureInfo.InvariantCulture, $"{outputs} of {holdout.Candidate.Outputs.Length} answers are not numbers (the training diverged)");
        if (holdout.Candidate.Own.TryGetValue(metric, out var own)) return own.Undefined;
        var truth = holdout.Candidate.Truth;
        if (truth.Length == 0 || Array.Exists(truth, t => t != truth[0])) return null;
        var value = holdout.ClassNames?[0] ?? (holdout.Task == TaskKind.Binary ? (truth[0] > 0.5 ? "true" : "false") : truth[0].ToString(CultureInfo.InvariantCulture));
        return string.Create(CultureInfo.InvariantCulture, $"the label is '{value}' in all {truth.Length} of its rows; lengthen 'holdout'");
    }
}
