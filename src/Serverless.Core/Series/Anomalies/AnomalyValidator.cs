using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Series.Anomalies;

/// <summary>The anomaly rules of every dataset file, as part of the workspace's own report.</summary>
internal sealed class AnomalyValidator(AnomalyCatalogue strategies, MetricResolver metrics) : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace) =>
        workspace.Datasets.Values.OrderBy(d => d.Name, StringComparer.Ordinal).SelectMany(d => d.Anomalies.SelectMany(a => Of(d, a)));

    private IEnumerable<Problem> Of(DatasetDefinition dataset, AnomalyDefinition rule)
    {
        if (metrics.Find(dataset, rule.Metric.Text, out _) is { } problem) yield return new Problem(problem, dataset.File, rule.Metric.Line, rule.Metric.Column);
        foreach (var (message, at) in strategies.Problems(rule, dataset.Partition.Grain)) yield return new Problem(message, dataset.File, at.Line, at.Column);
    }
}
