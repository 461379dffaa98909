using System.Text.RegularExpressions;
using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The <c>metrics</c> and <c>cost</c> of a model file: <c>revenue: { value: "prediction ? amount : 0", aggregate: sum, better: more }</c>, <c>cost: { falsePositive: 1, falseNegative: 20 }</c>.</summary>
internal static partial class BusinessSection
{
    private enum Better { Less, More }

    public static IReadOnlyList<BusinessMetricDefinition> Metrics(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("metrics", "metrics by name, such as 'missed: \"actual && !prediction ? 500 : 0\"'") is not { } map) return [];
        var metrics = new List<BusinessMetricDefinition>();
        foreach (var (key, value) in map.Entries)
        {
            if (!Name().IsMatch(key.Text)) parent.Error(key, $"'{key.Text}' cannot be the name of a metric: use letters, digits, _ . and -, at most 64, beginning with a letter.");
            switch (value)
            {
                case YamlScalar { IsNull: false } text:
                    metrics.Add(new BusinessMetricDefinition { Name = key.Text, Value = Expression(text) });
                    break;
                case YamlMap of:
                    var s = new Section(of, "metric", parent.File, problems);
                    if (s.Node("value") is null) s.Missing("value", "an expression, such as \"actual && !prediction ? 500 : 0\"");
                    if (s.Scalar("value", "an expression") is not { } expression) break;
                    metrics.Add(new BusinessMetricDefinition
                    {
                        Name = key.Text, Value = Expression(expression), Aggregate = s.Choice<MetricAggregate>("aggregate") ?? MetricAggregate.Mean,
                        MoreIsBetter = s.Choice<Better>("better") == Better.More, Unit = s.Text("unit"), Description = s.Text("description"),
                    });
                    break;
                default:
                    parent.Error(value, $"metric '{key.Text}' must be an expression, such as \"actual && !prediction ? 500 : 0\", or '{{ value: <expression>, aggregate: sum, better: more }}'.");
                    break;
            }
        }

        return metrics;
    }

    public static CostDefinition? Cost(Section parent, TaskKind? task, ProblemLog problems)
    {
        if (parent.MapOf("cost", "a mapping, such as '{ falsePositive: 1, falseNegative: 20 }'") is not { } map) return null;
        var s = new Section(map, "cost", parent.File, problems);
        foreach (var key in new[] { "falsePositive", "falseNegative" }) if (s.Node(key) is null) s.Missing(key, "a number: what one such error costs");
        double? positive = s.Number("falsePositive", 0), negative = s.Number("falseNegative", 0);
        if (task is not null and not TaskKind.Binary) parent.Error(map, $"'cost' is for binary tasks: it chooses the probability above which the answer is true. For {task.ToString()!.ToLowerInvariant()} write a metric of your own under 'metrics'.");
        if (positive is 0 && negative is 0) s.Error(map, "one of 'falsePositive' and 'falseNegative' must be above 0, else every threshold costs the same.");
        return positive is { } fp && negative is { } fn && fp + fn > 0 ? new CostDefinition(fp, fn) : null;
    }

    private static ExpressionText Expression(YamlScalar scalar) => new(scalar.Text, scalar.Line, scalar.Column);

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
