using Serverless.Datasets;
using Serverless.Models;

namespace Serverless.Workspaces;

/// <summary>The section <c>feedback</c> of a model file. Which columns, metrics and strategies exist is judged later.</summary>
internal static class FeedbackSection
{
    public static FeedbackDefinition Read(Section parent, ProblemLog problems)
    {
        var standard = new FeedbackDefinition { Line = parent.Map.Line };
        if (parent.MapOf("feedback", "a mapping, such as '{ key: booking, window: 30d, minLabels: 200 }'") is not { } map) return standard;
        var s = new Section(map, "feedback", parent.File, problems);
        var least = s.Number("minLabels", 20, 1_000_000_000);
        if (least is { } number && number != Math.Floor(number)) s.Error(s.At("minLabels"), "'minLabels' must be a whole number.");
        return new FeedbackDefinition
        {
            Key = s.Text("key"), Metric = s.Text("metric"), Window = s.Duration("window") ?? standard.Window, Lookback = s.Duration("lookback") ?? standard.Lookback,
            MinLabels = (int)(least ?? FeedbackDefinition.DefaultMinLabels), Line = map.Line,
            Anomalies = [.. s.ListOf("anomalies", "a list of rules, such as '[{ metric: auc, strategy: relative-rate, min: 0.9 }]'").Select(a => AnomalySection.Read(a, s, problems)).OfType<AnomalyDefinition>()],
        };
    }
}
