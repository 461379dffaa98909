using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary><c>models/&lt;model&gt;.yaml</c>.</summary>
internal static class ModelFile
{
    /// <summary>The definition, or null when it cannot be made from what the file says (the reasons are in the log).</summary>
    public static ModelDefinition? Read(YamlMap map, string file, ProblemLog problems)
    {
        var s = new Section(map, "model", file, problems);
        var name = s.Name("model");
        var dataset = s.Name("dataset");
        var task = s.Choice<TaskKind>("task");
        if (s.Node("task") is null) s.Missing("task", $"one of {Section.Choices<TaskKind>()}");
        var label = s.Scalar("label", "an expression over columns");
        if (s.Node("label") is null) s.Missing("label", "an expression over columns, such as 'delay > 15'");
        var features = FeatureSection.Read(s, problems);
        TimeSpan? window = s.Duration("window"), holdout = s.Duration("holdout");
        if (s.Node("holdout") is null) s.Missing("holdout", "a duration such as 7d: the last stretch of the data, never trained on");
        if (window is not null && holdout is not null && window <= holdout) s.Error(s.At("window"), "'window' must be longer than 'holdout', else nothing is left to train on.");
        var trainer = TrainerSection.Read(s, problems);
        var gate = GateSection.Read(s, problems);
        var search = SearchSection.Read(s, problems);
        var retrain = Retrain(s, problems);
        var (approval, terms) = ApprovalSection.Read(s, problems);
        var fairness = FairnessSection.Read(s, problems);
        var rollout = RolloutSection.Read(s, problems);
        var monitor = Monitor(s, problems);
        var (metrics, cost) = (BusinessSection.Metrics(s, problems), BusinessSection.Cost(s, task, problems));

        return name is null || dataset is null || task is null || label is null || holdout is null || features.Count == 0 ? null : new ModelDefinition
        {
            Name = name, Description = s.Text("description"), Card = CardSection.Read(s, problems), Task = task.Value, Dataset = dataset,
            Label = new ExpressionText(label.Text, label.Line, label.Column), Outcome = LabelsSection.Read(s, "outcome", "{ en: the flight is late, fr: le vol est en retard }", problems),
            Features = features, Trainer = trainer, Onnx = OnnxSection.Read(s, problems), Window = window, Holdout = holdout.Value,
            Metrics = metrics, Cost = cost,
            Gate = gate, Search = search, Retrain = retrain, Monitor = monitor, Approval = approval, ApprovalTerms = terms, Fairness = fairness, Rollout = rollout, Feedback = FeedbackSection.Read(s, problems),
            PredictionLog = s.Choice<PredictionLogMode>("predictionLog") ?? PredictionLogMode.Buffered, Batch = BatchSection.Read(s, problems), Outliers = OutliersSection.Read(s, problems), Enrich = EnrichSection.Read(s, problems), Segments = SegmentsSection.Read(s, name, problems), File = file,
        };
    }

    private static RetrainDefinition Retrain(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("retrain", "a mapping, such as '{ schedule: \"0 3 * * *\", cooldown: 12h }'") is not { } map) return new RetrainDefinition();
        var s = new Section(map, "retrain", parent.File, problems);
        return new RetrainDefinition
        {
            Schedule = s.Cron("schedule"), OnNewData = s.Flag("onNewData"), OnDrift = s.Flag("onDrift"), OnFeedback = s.Flag("onFeedback"), Cooldown = s.Duration("cooldown", zero: true) ?? TimeSpan.Zero,
        };
    }

    private static MonitorDefinition? Monitor(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("monitor", "a mapping, such as '{ every: 1d, window: 7d, method: auto }'") is not { } map) return null;
        var s = new Section(map, "monitor", parent.File, problems);
        Parameter? columns = null;
        if (s.Texts("columns", "a list of columns, such as [delay, origin]") is { } names)
        {
            if (names.Count == 0) s.Error(s.At("columns"), "'columns' must name a column at least; leave it out to compare all.");
            columns = new Parameter(names, true, s.At("columns").Line, s.At("columns").Column);
        }

        var share = s.Number("share", 0, 1);
        if (share == 0) s.Error(s.At("share"), "'share' must be above 0: it is the share of columns that have to drift.");
        return new MonitorDefinition
        {
            Every = s.Duration("every"), Window = s.Duration("window"),
            Method = s.Scalar("method", "the name of a drift method") is { } method ? new Parameter([method.Text], false, method.Line, method.Column) : null,
            Threshold = s.Number("threshold", 0), Correction = s.Choice<PValueCorrection>("correction") ?? PValueCorrection.None,
            Share = share ?? DriftDefaults.Share, Columns = columns, Line = map.Line,
        };
    }
}
