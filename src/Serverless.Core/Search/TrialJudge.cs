using System.Runtime.InteropServices;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Features;
using Serverless.FeatureViews;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.Search;

/// <summary>
/// One configuration: learns from the earlier rows of the training window, and is judged by the later ones. Rows of the holdout are not read. Features are fitted, classes weighted and
/// iterations counted as in a training.
/// </summary>
internal sealed class TrialJudge(TrainingReader reader, TrainerCatalogue trainers, HistoryLookups lookups, TimeProvider time)
{
    public async Task<TrialReport> JudgeAsync(TrialState trial, Workspace workspace, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        var clock = new StageClock(time);
        var model = trial.Settings?.ApplyTo(workspace.Model(trial.Model)) ?? workspace.Model(trial.Model);
        var dataset = workspace.Dataset(model.Dataset);
        var trainer = trainers.Get(model.Trainer.Name, model.Task);
        var hyperparameters = TrainerCatalogue.Hyperparameters(trainer, model.Trainer);
        var inputs = new TrialInputs
        {
            Trainer = trainer.Name, Hyperparameters = hyperparameters, Settings = TrainerCatalogue.Settings(trainer, model.Trainer, hyperparameters), Seed = model.Trainer.Seed, Dataset = dataset.Name,
            ContractVersion = dataset.ContractVersion, CodeVersion = CodeVersion.Current, WorkspaceHash = workspace.Hash,
            Environment = new RunEnvironment(RuntimeInformation.OSDescription, Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, trainer.Library),
        };
        var report = new TrialReport { Metrics = new Dictionary<string, double>(), Inputs = inputs };
        try
        {
            progress?.Report(new RunProgress("read", null));
            var window = new TrainingWindow(trial.Window.TrainFrom, trial.Window.JudgedFrom, trial.Window.Until);
            var rows = await reader.ReadWithinAsync(model, dataset, trial.AsOf, window, [.. TrainingColumns.Of(model, dataset)], cancel);
            var schema = FeatureCompiler.SchemaOf(model, dataset);
            rows = rows with { Table = (await lookups.In(workspace).FillAsync(rows.Table, rows.Ticks, schema.Columns, AsOf.At(trial.AsOf), cancel, learns: true)).Rows };
            var labels = Latest(LabelledRows.Of(model, dataset, rows, cancel), rows.Ticks, trial.Share);
            report = report with { LearnedRows = labels.Train.Length, JudgedRows = labels.Holdout.Length, Inputs = inputs with { DatasetVersion = rows.Partitions.Max(p => p.Commit.Version) } };
            clock.Done("read");
            return Judge(report, trial, model, trainer, rows, schema, labels, hyperparameters, clock, progress, cancel);
        }
        catch (DataException e)
        {
            return report with { Failure = e.Message, Timings = clock.Timings() };
        }
    }

    private static TrialReport Judge(
        TrialReport report, TrialState trial, ModelDefinition model, ITrainer trainer, TrainingRows rows, RawSchema schema, LabelledRows labels, IReadOnlyDictionary<string, double> hyperparameters, StageClock clock,
        IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        try
        {
            var plan = FeatureFitting.Fit(model, schema, trainer.Traits, rows.Table, labels.Train, cancel);
            var set = new TrainingSet { Task = model.Task, Features = plan.Transform(rows.Table, labels.Train, cancel), Labels = [.. labels.TrainLabels.Select(l => (float)l)], Classes = labels.Classes.Count };
            clock.Done("features");
            progress?.Report(new RunProgress("fit", null));
            var fitted = ModelFit.Run(trainer, model, set, labels, rows.Ticks, hyperparameters, null, cancel);
            clock.Done("fit");
            var metrics = Metrics(model, rows, labels, fitted.Predictor, plan.Transform(rows.Table, labels.Holdout, cancel), trainer, cancel);
            clock.Done("evaluate");
            var value = metrics.TryGetValue(trial.Metric, out var found) && double.IsFinite(found) ? found : (double?)null;
            return report with
            {
                Metrics = metrics, Value = value, Stopping = fitted.Stopping, Timings = clock.Timings(),
                Failure = value is null ? $"'{trial.Metric}' is not defined on the {labels.Holdout.Length} rows that judge: it needs {MetricCatalogue.Find(model, trial.Metric)?.Needs ?? "rows"}" : null,
            };
        }
        catch (Exception e) when (e is not (OperationCanceledException or EnvironmentException or DataException))
        {
            // A trainer that throws has no better day: the search goes on without the configuration.
            return report with { Failure = $"trainer '{trainer.Name}' failed: {e.GetType().Name}: {e.Message}", Timings = clock.Timings() };
        }
    }

    private static IReadOnlyDictionary<string, double> Metrics(
        ModelDefinition model, TrainingRows rows, LabelledRows labels, IPredictor predictor, FeatureMatrix features, ITrainer trainer, CancellationToken cancel)
    {
        var outputs = predictor.PredictAll(features, cancel);
        Divergence.Require(trainer, outputs, "the rows that judge");
        var answers = new Answers
        {
            Predictor = predictor, Features = features, Outputs = outputs, Truth = labels.HoldoutLabels, Classes = labels.Classes,
            // A threshold of the model's own is chosen by a training; for the order of trials that of least expected cost will do.
            Threshold = model.Cost?.Threshold ?? 0.5,
        };
        var judged = new Holdout
        {
            Model = model, Table = rows.Table, Rows = labels.Holdout, Ticks = [.. labels.Holdout.Select(r => rows.Ticks[r])], ClassNames = labels.HoldoutClasses, Candidate = answers, Baseline = answers, TrainRows = labels.Train.Length,
        };
        judged = judged with { Candidate = answers with { Own = BusinessMetrics.Values(judged, answers, cancel) } };
        return Evaluation.Metrics.Of(judged, judged.Candidate, new HoldoutFigures(judged, judged.Candidate));
    }

    private static LabelledRows Latest(LabelledRows labels, long[] ticks, double share)
    {
        if (share >= 1 || TimeSplit.Last(Array.ConvertAll(labels.Train, r => ticks[r]), share) is not { } parts) return labels;
        return labels with { Train = Array.ConvertAll(parts.From, i => labels.Train[i]), TrainLabels = Array.ConvertAll(parts.From, i => labels.TrainLabels[i]) };
    }
}
