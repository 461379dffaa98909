using Serverless.Datasets;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>One entry of <c>anomalies</c> in a dataset file. Which metrics, strategies and parameters exist is not known here.</summary>
internal static class AnomalySection
{
    public static AnomalyDefinition? Read(YamlNode node, Section parent, ProblemLog problems)
    {
        if (node is not YamlMap map)
        {
            parent.Error(node, "an anomaly rule is a mapping, such as '{ metric: size, strategy: relative-rate, max: 2 }'.");
            return null;
        }

        var s = new Section(map, "anomaly", parent.File, problems, open: true);
        var metric = s.Scalar("metric", "the name of a metric");
        var strategy = s.Scalar("strategy", "the name of a strategy");
        if (s.Node("metric") is null) s.Missing("metric", "the name of a metric, such as 'size' or 'completeness(delay)'");
        if (s.Node("strategy") is null) s.Missing("strategy", "the name of a strategy, such as 'relative-rate'");
        var severity = s.Choice<Severity>("severity") ?? Severity.Warning;
        var others = s.Others();
        return metric is null || strategy is null ? null : new AnomalyDefinition { Metric = At(metric), Strategy = At(strategy), Severity = severity, Parameters = others };
    }

    private static Parameter At(YamlScalar scalar) => new([scalar.Text], false, scalar.Line, scalar.Column);
}
