using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Series.Anomalies;
using Serverless.Workspaces;

namespace Serverless.Feedback;

/// <summary>The sections <c>feedback</c> of all model files: columns, metrics and strategies that exist.</summary>
internal sealed class FeedbackValidator(AnomalyCatalogue strategies) : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace) =>
        workspace.Models.Values.OrderBy(m => m.Name, StringComparer.Ordinal).SelectMany(m => workspace.Datasets.TryGetValue(m.Dataset, out var dataset) ? Of(m, dataset) : []);

    private IEnumerable<Problem> Of(ModelDefinition model, DatasetDefinition dataset)
    {
        var section = model.Feedback;
        if (section.Key is { } key && dataset.Column(key) is null)
        {
            yield return new Problem($"feedback: dataset '{dataset.Name}' has no column '{key}'.{Suggest.Hint(key, dataset.Columns.Select(c => c.Name))}", model.File, section.Line, 1);
        }

        if (section.Metric is { } metric && MetricCatalogue.Find(model, metric) is null)
        {
            yield return new Problem($"feedback: '{metric}' is not a metric of model '{model.Name}'.{Suggest.Hint(metric, MetricCatalogue.Of(model).Select(m => m.Name))}", model.File, section.Line, 1);
        }

        foreach (var problem in Rewards(model)) yield return problem;
        foreach (var rule in section.Anomalies)
        {
            if (MetricCatalogue.Find(model, rule.Metric.Text) is null)
            {
                yield return new Problem($"feedback: '{rule.Metric.Text}' is not a metric of model '{model.Name}'.{Suggest.Hint(rule.Metric.Text, MetricCatalogue.Of(model).Select(m => m.Name))}", model.File, rule.Metric.Line, rule.Metric.Column);
            }

            foreach (var (message, at) in strategies.Problems(rule, PartitionGrain.Day)) yield return new Problem(message, model.File, at.Line, at.Column);
        }
    }

    // What a rollout goes by has to be a mean over predictions: the area under a curve is none.
    private static IEnumerable<Problem> Rewards(ModelDefinition model)
    {
        var rollout = model.Rollout;
        var asked = (rollout.Guards ?? []).Where(g => g.Guard == "feedback").Select(g => (What: "guard 'feedback'", Metric: g.Settings.TryGetValue("metric", out var m) ? m.Text : null, g.Line)).ToList();
        if (rollout.Kind is RolloutKind.Ab or RolloutKind.Bandit) asked.Add(("rollout", rollout.Metric, rollout.Line));
        foreach (var (what, metric, line) in asked)
        {
            if (metric is null && model.Task == TaskKind.Regression)
            {
                yield return new Problem($"{what}: an answer of a regression is not right or wrong, so name a 'metric', one of {string.Join(", ", RowOutcomes.Names(model))}.", model.File, line, 1);
            }
            else if (metric is not null && !RowOutcomes.Names(model).Contains(metric))
            {
                yield return new Problem($"{what}: '{metric}' is no mean over predictions.{Suggest.Hint(metric, RowOutcomes.Names(model))}", model.File, line, 1);
            }
        }
    }
}
