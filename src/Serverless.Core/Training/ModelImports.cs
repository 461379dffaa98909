using System.Security.Cryptography;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Training;

/// <summary>
/// Registers models that were trained elsewhere. Where their dataset has rows, an import is a train run in which the file takes the place of the fit: metrics, gate, reference and promotion
/// are those of any model. Without rows it is registered as it is, and a person promotes it.
/// </summary>
public sealed class ModelImports(
    Workspace workspace, IEnumerable<ITrainer> trainers, IDatasetHistory history, IModelRegistry registry, IObjectStore objects, IEnumerable<IPredictorFormat> formats, IdSource ids, TimeProvider time)
{
    /// <summary>Checks a file and keeps it in the store; with rows, the state of the run that goes on.</summary>
    /// <exception cref="DataException">The file cannot become this model; nothing was stored.</exception>
    /// <exception cref="RequestException">The model is not in the workspace, or not imported.</exception>
    public async Task<TrainState?> BeginAsync(string model, string path, string by, string reason, CancellationToken cancel = default)
    {
        var (definition, importer) = Require(model);
        var (file, name) = (Opened(importer, path), Path.GetFileName(path));
        // All that can be said without rows is said before anything is stored.
        var plan = ImportedPlan.Of(definition, Schema(definition));
        var classes = importer.Classes(definition, file, name) ?? [];
        importer.Import(definition, file, name, classes, new FeatureMatrix([], 0, plan.Slots));
        if ((await history.CommitsAsync(definition.Dataset, cancel)).Count == 0) return null;
        return new TrainState { Model = model, By = by, Reason = reason, Import = await KeepAsync(file, name, cancel) };
    }

    /// <summary>Registers a file without having judged it.</summary>
    public async Task<ModelVersion> RegisterAsync(string model, string path, CancellationToken cancel = default)
    {
        var (definition, importer) = Require(model);
        var (file, name) = (Opened(importer, path), Path.GetFileName(path));
        var dataset = workspace.Dataset(definition.Dataset);
        var plan = ImportedPlan.Of(definition, Schema(definition));
        var classes = importer.Classes(definition, file, name) ?? [];
        var predictor = importer.Import(definition, file, name, classes, new FeatureMatrix([], 0, plan.Slots));
        var document = new PipelineDocument { Model = model, Task = definition.Task, Label = definition.Label.Text, Classes = classes, Features = plan.State, Predictor = predictor.Format };
        var kept = await KeepAsync(file, name, cancel);
        var now = time.GetUtcNow();
        return await registry.RegisterAsync(new ModelCandidate
        {
            Model = model,
            Run = $"import-{now.UtcDateTime:yyyyMMddHHmmss}-{ids.Next(6)}",
            Artefact = ModelPackage.Write(document, predictor, formats),
            Trainer = importer.Name,
            Schema = document.Schema(),
            Metrics = new Dictionary<string, double>(),
            Lineage = new Lineage
            {
                Dataset = dataset.Name, DatasetVersion = 0, Partitions = [], ContractVersion = dataset.ContractVersion, CodeVersion = CodeVersion.Current, WorkspaceHash = workspace.Hash,
                Seed = definition.Trainer.Seed, Hyperparameters = new Dictionary<string, double>(), Settings = kept.Settings(), TrainFrom = now, HoldoutFrom = now, Until = now,
            },
            NeedsApproval = definition.Approval == ApprovalKind.Human,
        }, cancel);
    }

    /// <summary>In a train run, the place of the fit.</summary>
    internal async Task<Fitted> PredictorAsync(IModelImporter importer, ModelDefinition model, ImportedModel? import, IReadOnlyList<string> classes, FeatureMatrix rows, CancellationToken cancel)
    {
        if (import is null) throw new DataException($"model '{model.Name}' is imported, not trained: serverless-ml models import {model.Name} FILE.onnx");
        await using var stream = await objects.OpenReadAsync(import.Key, cancel) ?? throw new DataException($"'{import.Key}' is gone from the store; import {import.FileName} again");
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancel);
        var bytes = content.ToArray();
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != import.Sha256) throw new DataException($"'{import.Key}' was changed in the store; import {import.FileName} again");
        return new Fitted(importer.Import(model, new ImportFile(bytes, import.Origin), import.FileName, classes, rows), null);
    }

    private (ModelDefinition Model, IModelImporter Importer) Require(string name)
    {
        var model = workspace.Model(name);
        return trainers.FirstOrDefault(t => t.Name == model.Trainer.Name) is IModelImporter importer ? (model, importer)
            : throw new RequestException($"model '{name}' has trainer '{model.Trainer.Name}', so it is trained here. For a model that was trained elsewhere write 'trainer: onnx' in {model.File}");
    }

    private static ImportFile Opened(IModelImporter importer, string path) => File.Exists(path) ? importer.Open(path) : throw new RequestException($"there is no file '{path}'");

    private RawSchema Schema(ModelDefinition model) => FeatureCompiler.SchemaOf(model, workspace.Dataset(model.Dataset));

    private async Task<ImportedModel> KeepAsync(ImportFile file, string name, CancellationToken cancel)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Content));
        var key = $"{StoreNames.Containers.Runs}/imports/{sha256}{Path.GetExtension(name)}";
        await objects.PutIfAbsentAsync(key, new MemoryStream(file.Content), cancel);
        return new ImportedModel(key, name, sha256, file.Origin);
    }
}
