using System.Runtime.InteropServices;
using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Features;
using Serverless.FeatureViews;
using Serverless.Gating;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Profiles;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Workspaces;

namespace Serverless.Training;

/// <summary>One training from partitions to a candidate: read, split by time, fit, and judge candidate, champion and baseline on the same holdout.</summary>
internal sealed class ModelTraining(TrainingReader reader, TrainerCatalogue trainers, IModelRegistry registry, IEnumerable<IPredictorFormat> formats, ReferenceProfiles profiles, GateExaminer gate, HistoryLookups lookups, ModelImports imports, TimeProvider time)
{
    /// <param name="again">What the training found that is repeated; null for a new one.</param>
    public async Task<Trained> TrainAsync(string run, ModelDefinition model, Workspace workspace, DateTimeOffset asOf, IProgress<RunProgress>? progress, CancellationToken cancel, ImportedModel? import = null, TrainingResult? again = null)
    {
        var (dataset, clock) = (workspace.Dataset(model.Dataset), new StageClock(time));
        var trainer = trainers.Get(model.Trainer.Name, model.Task);
        var hyperparameters = TrainerCatalogue.Hyperparameters(trainer, model.Trainer);
        var champion = await ChampionAsync(model, again, cancel);
        progress?.Report(new RunProgress("read", null));
        var rows = await reader.ReadAsync(model, dataset, asOf, Columns(model, dataset, champion.Pipeline), cancel);
        var schema = FeatureCompiler.SchemaOf(model, dataset);
        var looked = await lookups.In(workspace).FillAsync(rows.Table, rows.Ticks, schema.Columns, AsOf.At(asOf), cancel, learns: true);
        rows = rows with { Table = looked.Rows };
        champion = await WithLookupsAsync(champion, rows, schema, workspace, asOf, cancel);
        clock.Done("read");

        var warnings = VanishedColumns.Check(model, dataset, rows, champion.Pipeline);

        progress?.Report(new RunProgress("features", null));
        var labels = LabelledRows.Of(model, dataset, rows, cancel);
        var plan = trainer is IModelImporter ? ImportedPlan.Of(model, schema) : FeatureFitting.Fit(model, schema, trainer.Traits, rows.Table, labels.Train, cancel);
        var set = new TrainingSet { Task = model.Task, Features = plan.Transform(rows.Table, labels.Train, cancel), Labels = [.. labels.TrainLabels.Select(l => (float)l)], Classes = labels.Classes.Count };
        clock.Done("features");

        var fitted = trainer is IModelImporter importer ? await imports.PredictorAsync(importer, model, import, labels.Classes, set.Features, cancel)
            : ModelFit.Run(trainer, model, set, labels, rows.Ticks, hyperparameters, progress is null ? null : new FitProgress(progress), cancel);
        var predictor = fitted.Predictor;
        var choice = ThresholdChoice.Of(trainer, model, dataset, rows, labels, hyperparameters, cancel);
        clock.Done("fit");

        progress?.Report(new RunProgress("evaluate", null));
        var document = new PipelineDocument { Model = model.Name, Task = model.Task, Label = model.Label.Text, Classes = labels.Classes, Features = plan.State, Predictor = predictor.Format, Threshold = choice?.Threshold ?? 0.5 };
        var holdout = plan.Transform(rows.Table, labels.Holdout, cancel);
        var answers = predictor.PredictAll(holdout, cancel);
        Divergence.Require(trainer, answers);
        var judged = HoldoutOf(model, rows, labels, predictor, holdout, answers, set, champion, document.Threshold, cancel).WithOwn(cancel);
        var evaluation = EvaluationSections.Of(judged, choice, cancel);
        clock.Done("evaluate");
        var artefact = ModelPackage.Write(document, predictor, formats, Outliers.OutlierFitting.Fit(model, plan.State.Inputs, set.Features, rows.Table, labels.Train));
        clock.Done("pack");
        var reference = await ReferenceAsync(model, dataset, rows, labels, document.Schema(), answers, cancel);
        var profile = await profiles.MergeAsync(dataset.Name, rows.Partitions, cancel);
        clock.Done("reference");
        var result = evaluation.Into(new TrainingResult
        {
            Run = run,
            Trainer = trainer.Name,
            Schema = document.Schema(),
            Lineage = Lineage(model, dataset, workspace, rows, hyperparameters) with { Views = looked.Views is [] ? null : looked.Views, Settings = import?.Settings() ?? TrainerCatalogue.Settings(trainer, model.Trainer, hyperparameters) },
            Environment = new RunEnvironment(RuntimeInformation.OSDescription, Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, trainer.Library),
            Metrics = evaluation.Metrics,
            Stopping = fitted.Stopping,
            Champion = champion.Version,
            ChampionSkipped = champion.Why,
            Warnings = warnings is [] ? null : warnings,
            TrainRows = labels.Train.Length,
            HoldoutRows = labels.Holdout.Length,
            UnlabelledRows = rows.Ticks.Count(t => t >= rows.Window.TrainFrom.UtcTicks && t < rows.Window.Until.UtcTicks) - labels.Train.Length - labels.Holdout.Length,
            Timings = clock.Timings(),
        });
        result = gate.Examine(result, judged, dataset, document, plan, artefact.Length, cancel);
        clock.Done("gate");
        return new Trained(result with { Timings = clock.Timings() }, artefact, reference, profile);
    }

    private async Task<Table> ReferenceAsync(ModelDefinition model, DatasetDefinition dataset, TrainingRows rows, LabelledRows labels, ModelSchema schema, double[] answers, CancellationToken cancel)
    {
        var drawn = ReferenceSample.Draw(rows, dataset.Columns.Count, model.Trainer.Seed);
        var columns = await reader.ColumnsAsync(dataset, rows, drawn, cancel);
        columns = [.. columns, .. schema.Inputs.Where(c => c.Lookup is not null).Select(c => rows.Table[c.Name].Take(drawn))];
        return ReferenceSample.Of(rows, drawn, columns, labels, schema, answers);
    }

    private HashSet<string> Columns(ModelDefinition model, DatasetDefinition dataset, ScoringPipeline? champion)
    {
        var columns = TrainingColumns.Of(model, dataset)
            .Concat(champion?.Schema.Inputs.Select(c => c.Name) ?? [])
            .Concat(TrainingColumns.KeysOf(champion?.Schema.Inputs ?? []))
            .Concat(gate.Columns(model, dataset));
        return [.. columns];
    }

    private static Holdout HoldoutOf(ModelDefinition model, TrainingRows rows, LabelledRows labels, IPredictor predictor, FeatureMatrix features, double[] outputs, TrainingSet set, Champion champion, double threshold, CancellationToken cancel)
    {
        Answers Of(IPredictor judged, FeatureMatrix matrix, double[] answers) => new() { Predictor = judged, Features = matrix, Outputs = answers, Truth = labels.HoldoutLabels, Classes = labels.Classes };
        Answers Rival(ScoringPipeline rival)
        {
            var matrix = rival.Features.Transform(champion.Rows ?? rows.Table, labels.Holdout, cancel);
            return Of(rival.Predictor, matrix, rival.Predictor.PredictAll(matrix, cancel)) with { Truth = TruthFor(rival, labels), Classes = rival.Schema.Classes, Threshold = rival.Schema.Threshold };
        }

        var constant = BaselineTrainer.Fit(model.Task, set.Labels, set.Classes);
        return new Holdout
        {
            Model = model,
            Table = rows.Table,
            Rows = labels.Holdout,
            Ticks = [.. labels.Holdout.Select(r => rows.Ticks[r])],
            ClassNames = labels.HoldoutClasses,
            Candidate = Of(predictor, features, outputs) with { Threshold = threshold },
            Champion = champion.Pipeline is { } pipeline ? Rival(pipeline) : null,
            // With a cost, the best that one answer for all can do.
            Baseline = Of(constant, features, constant.PredictAll(features, cancel)) with { Threshold = model.Cost?.Threshold ?? 0.5 },
            TrainRows = labels.Train.Length,
        };
    }

    // The champion may know other classes, or the same in another order.
    private static double[] TruthFor(ScoringPipeline rival, LabelledRows labels)
    {
        if (labels.HoldoutClasses is not { } names) return labels.HoldoutLabels;
        var index = rival.Schema.Classes.Select((c, i) => (c, i)).ToDictionary(c => c.c, c => (double)c.i, StringComparer.Ordinal);
        return [.. names.Select(n => index.GetValueOrDefault(n, -1))];
    }

    // Once more: against the champion of that time.
    private async Task<Champion> ChampionAsync(ModelDefinition model, TrainingResult? again, CancellationToken cancel)
    {
        if ((again is null ? await registry.AliasAsync(model.Name, Alias.Champion, cancel) : again.Champion) is not { } version) return new Champion(null, null, null);
        try
        {
            return await registry.LoadAsync(model.Name, version, cancel) is not ScoringPipeline pipeline ? new Champion(version, null, "it cannot be evaluated")
                : pipeline.Schema.Task != model.Task ? new Champion(version, null, $"it does {pipeline.Schema.Task.ToString().ToLowerInvariant()}, the model file now asks for {model.Task.ToString().ToLowerInvariant()}")
                : new Champion(version, pipeline, null);
        }
        catch (DataException e)
        {
            return new Champion(version, null, e.Message);
        }
    }

    private static Lineage Lineage(ModelDefinition model, DatasetDefinition dataset, Workspace workspace, TrainingRows rows, IReadOnlyDictionary<string, double> hyperparameters) => new()
    {
        Dataset = dataset.Name,
        DatasetVersion = rows.Partitions.Max(p => p.Commit.Version),
        Partitions = [.. rows.Partitions.Select(p => p.Id)],
        Data = [.. rows.Partitions.Select(p => new LineagePartition(p.Id, p.Key, p.Entry.Rows, p.Entry.Sha256))],
        ContractVersion = dataset.ContractVersion,
        CodeVersion = CodeVersion.Current,
        WorkspaceHash = workspace.Hash,
        Seed = model.Trainer.Seed,
        Hyperparameters = hyperparameters,
        TrainFrom = rows.Window.TrainFrom,
        HoldoutFrom = rows.Window.HoldoutFrom,
        Until = rows.Window.Until,
    };

    /// <param name="Reference">Rows to compare later data with.</param>
    /// <param name="Profile">Of the whole window.</param>
    internal sealed record Trained(TrainingResult Result, byte[] Model, Table Reference, Profile Profile);

    /// <param name="Rows">With the values that this champion looks up, where they are not those of the candidate.</param>
    private sealed record Champion(int? Version, ScoringPipeline? Pipeline, string? Why, Table? Rows = null);

    private async Task<Champion> WithLookupsAsync(Champion champion, TrainingRows rows, RawSchema filled, Workspace workspace, DateTimeOffset asOf, CancellationToken cancel)
    {
        if (champion.Pipeline is not { } pipeline) return champion;
        try
        {
            return champion with { Rows = (await lookups.In(workspace).FillAsync(rows.Table, rows.Ticks, pipeline.Schema.Inputs, AsOf.At(asOf), cancel, filled.Columns)).Rows };
        }
        catch (DataException e)
        {
            return champion with { Pipeline = null, Why = e.Message };
        }
    }

    private sealed class FitProgress(IProgress<RunProgress> progress) : IProgress<double>
    {
        public void Report(double value) => progress.Report(new RunProgress("fit", value));
    }
}
