using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Workspaces;

namespace Serverless.Web.Tests;

/// <summary>A workspace with three models on flights, and versions of them whose answer tells the version.</summary>
internal static class Flights
{
    public const string GoodRow = """{"date":"2001-06-30T14:05:00Z","distance":404,"origin":"ATL","cancelled":false}""";

    public static readonly DatasetDefinition Dataset = new()
    {
        Name = "flights",
        Partition = new("date", PartitionGrain.Day),
        ContractVersion = "c0ffee",
        File = "datasets/flights.yaml",
        Columns =
        [
            new() { Name = "date", Type = ColumnType.Timestamp, Required = true },
            new() { Name = "delay", Type = ColumnType.Integer, Unit = "minutes" },
            new() { Name = "distance", Type = ColumnType.Number, Unit = "miles", Min = 1 },
            new() { Name = "origin", Type = ColumnType.String, Required = true, Pattern = "^[A-Z]{3}$" },
            new() { Name = "seats", Type = ColumnType.Integer },
            new() { Name = "cancelled", Type = ColumnType.Boolean },
        ],
    };

    /// <summary>The same, with flights promised every day at 04:00, or missed at 06:00.</summary>
    public static Workspace Promised(MissingPolicy policy)
    {
        var workspace = Workspace();
        var arrival = new ArrivalDefinition { Every = TimeSpan.FromDays(1), Due = new TimeOnly(4, 0), Deadline = new TimeOnly(6, 0), OnMissing = policy };
        return workspace with { Datasets = new Dictionary<string, DatasetDefinition> { ["flights"] = Dataset with { Arrival = arrival } } };
    }

    /// <summary>The same, where "late" answers only what is recorded.</summary>
    public static Workspace Durable()
    {
        var workspace = Workspace();
        return workspace with { Models = workspace.Models.Values.Select(m => m.Name == "late" ? m with { PredictionLog = PredictionLogMode.Durable } : m).ToDictionary(m => m.Name) };
    }

    public static Workspace Workspace(params ApiKeySettings[] keys) => new()
    {
        Name = "test",
        Root = "workspace",
        Hash = "hash",
        Storage = new StorageSettings(),
        ApiKeys = keys,
        Datasets = new Dictionary<string, DatasetDefinition> { ["flights"] = Dataset },
        Models = new[] { Model("late", TaskKind.Binary), Model("minutes", TaskKind.Regression), Model("reason", TaskKind.Multiclass) }.ToDictionary(m => m.Name),
    };

    /// <summary>Version n of "late" answers with probability n / 1000; "minutes" with n; "reason" with n / 1000 for its second class.</summary>
    public static ModelCandidate Candidate(string model, int version, bool needsApproval = false)
    {
        var task = Workspace().Models[model].Task;
        var document = new PipelineDocument
        {
            Model = model,
            Task = task,
            Label = "delay > 15",
            Classes = task switch { TaskKind.Binary => ["false", "true"], TaskKind.Multiclass => ["weather", "carrier"], _ => [] },
            Predictor = "constant",
            Features = new FeaturePlanState
            {
                Inputs = [.. Dataset.Columns.Where(c => c.Name != "delay").Select(c => new RawColumn(c.Name, c.Type, c.Required, c.Unit))],
                Features =
                [
                    new() { Name = "hour", From = "date.Hour" },
                    new() { Name = "distance", From = "distance" },
                    new() { Name = "origin", From = "origin", Categories = ["ATL", "ORD"] },
                ],
            },
        };
        var p = version / 1000.0;
        return new ModelCandidate
        {
            Model = model,
            Run = $"train-20260101000000-{version:D6}",
            Artefact = ModelPackage.Write(document, new ConstantPredictor(task switch { TaskKind.Binary => [p], TaskKind.Multiclass => [1 - p, p], _ => [version] })),
            Trainer = "baseline",
            Schema = document.Schema(),
            Metrics = new Dictionary<string, double> { ["auc"] = 0.7, ["empty"] = double.NaN },
            NeedsApproval = needsApproval,
            Lineage = new Lineage
            {
                Dataset = "flights", DatasetVersion = 1, Partitions = ["a"], ContractVersion = "c0ffee", CodeVersion = "0.1.0", WorkspaceHash = "hash", Seed = 1,
                Hyperparameters = new Dictionary<string, double>(), TrainFrom = DateTimeOffset.UnixEpoch, HoldoutFrom = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.UnixEpoch,
            },
        };
    }

    private static ModelDefinition Model(string name, TaskKind task) => new()
    {
        Name = name,
        Task = task,
        Dataset = "flights",
        Label = new("delay > 15"),
        Features = [],
        Trainer = new("baseline", new Dictionary<string, Parameter>(), 1, 1, 1),
        Holdout = TimeSpan.FromDays(1),
        Gate = new(),
        File = $"models/{name}.yaml",
    };
}
