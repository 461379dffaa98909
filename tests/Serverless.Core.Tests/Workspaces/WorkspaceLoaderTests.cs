using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Workspaces;

public sealed class WorkspaceLoaderTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_DatasetOfTheInterfaces_IsReadWhole()
    {
        var flights = folder.Load().Dataset("flights");

        flights.Partition.ShouldBe(new PartitionScheme("date", PartitionGrain.Day));
        flights.Columns.Select(c => c.Name).ShouldBe(["date", "delay", "distance", "origin", "destination"]);
        flights.Column("delay").ShouldBe(new ColumnDefinition { Name = "delay", Type = ColumnType.Integer, Unit = "minutes", Min = -120, Max = 2000, Line = 6 });
        flights.Column("origin").Pattern.ShouldBe("^[A-Z]{3}$");
        flights.Checks.Select(c => (c.Check, c.Column, c.Severity)).ShouldBe([("size", null, Severity.Error), ("completeness", "delay", Severity.Warning)]);
        flights.Checks[1].Parameters["min"].ShouldBe(new Parameter(flights.Checks[1].Parameters["min"].Items, false, 12, 48));
        flights.Arrival.ShouldBe(new ArrivalDefinition { Every = TimeSpan.FromDays(1), Due = new TimeOnly(4, 0), Deadline = new TimeOnly(6, 0) });
        flights.ContractVersion.ShouldMatch("^[0-9a-f]{16}$");
        flights.File.ShouldBe("datasets/flights.yaml");
    }

    [Fact]
    public void Load_ModelOfTheInterfaces_IsReadWhole()
    {
        var workspace = folder.Load();
        var model = workspace.Model("flight-delay");

        model.Task.ShouldBe(TaskKind.Binary);
        model.Label.ShouldBe(new ExpressionText("delay > 15", 4, 8));
        model.Features.Select(f => (f.Name, f.From.Text, f.Encode)).ShouldBe(
        [
            ("hour", "date.Hour", FeatureEncoding.Auto), ("weekday", "int(date.DayOfWeek)", FeatureEncoding.Auto), ("distance", "distance", FeatureEncoding.Auto),
            ("origin", "origin", FeatureEncoding.OneHot), ("destination", "destination", FeatureEncoding.OneHot),
        ]);
        model.Trainer.Name.ShouldBe("lightgbm");
        model.Trainer.Seed.ShouldBe(42);
        model.Trainer.Parameters.Keys.ShouldBe(["iterations", "leaves"]);
        (model.Window, model.Holdout).ShouldBe((TimeSpan.FromDays(30), TimeSpan.FromDays(7)));
        (model.Gate.Metric, model.Gate.Min, model.Gate.Tolerance, model.Gate.OnFailure).ShouldBe(("auc", 0.6, 0.005, GateFailure.KeepChampion));
        model.Retrain.ShouldBe(new RetrainDefinition { Schedule = "0 3 * * *", OnNewData = true, OnDrift = true, Cooldown = TimeSpan.FromHours(12) });
        model.Rollout.Kind.ShouldBe(RolloutKind.Canary);
        (model.Rollout.Start, model.Rollout.Step, model.Rollout.Every).ShouldBe((2, 1, TimeSpan.FromMinutes(15)));
        workspace.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void Load_ModelWithTheLeast_GetsTheDefaults()
    {
        folder.Write("models/flight-delay.yaml", "model: m\ntask: regression\ndataset: flights\nlabel: delay\nfeatures: { distance: { missing: 0 }, origin: { encode: category } }\nholdout: 7d\n");

        var model = folder.Load().Model("m");

        model.Trainer.Name.ShouldBe("lightgbm");
        model.Trainer.Seed.ShouldBe(42);
        model.Window.ShouldBeNull();
        model.Gate.ShouldBe(new GateDefinition { Line = 1 });
        model.Retrain.ShouldBe(new RetrainDefinition());
        model.Approval.ShouldBe(ApprovalKind.Auto);
        model.Rollout.Kind.ShouldBe(RolloutKind.None);
        model.Features[0].From.Text.ShouldBe("distance");
        (model.Features[0].Missing, model.Features[0].MissingValue).ShouldBe((MissingHandling.Value, 0));
    }

    [Fact]
    public void Load_ManyMistakesInManyFiles_ReportsAllAtOnce()
    {
        folder.Write("serverless.yaml", "name: Demo!\nstorge: local\n")
            .Write("datasets/flights.yaml", WorkspaceFolder.Flights.Replace("grain: day", "grain: week").Replace("min: 1 }", "min: one }"))
            .Write("models/flight-delay.yaml", WorkspaceFolder.FlightDelay.Replace("dataset: flights", "dataset: flight").Replace("task: binary", "task: binry"));

        var error = Should.Throw<ConfigurationException>(() => folder.Load());

        error.Message.ShouldBe(string.Join(Environment.NewLine,
        [
            "datasets/flights.yaml(3,35): 'grain' cannot be 'week'. Allowed: hour, day, month.",
            "datasets/flights.yaml(7,51): 'min' must be a number, not 'one'.",
            "models/flight-delay.yaml(2,7): 'task' cannot be 'binry'. Did you mean 'binary'? Allowed: binary, multiclass, regression.",
            "models/flight-delay.yaml(3,10): dataset 'flight' is not in this workspace. Did you mean 'flights'?",
            "serverless.yaml(1,7): 'Demo!' cannot be a name: use 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.",
            "serverless.yaml(2,1): unknown key 'storge' in serverless.yaml. Did you mean 'storage'? Allowed: name, description, storage, apiKeys, alerts, signing, functions, auth, limits, retention.",
            "6 problems; nothing was changed.",
        ]));
    }

    [Fact]
    public void Load_NoWorkspaceFile_SaysHowToMakeOne()
    {
        File.Delete(Path.Combine(folder.Root, "serverless.yaml"));

        Should.Throw<ConfigurationException>(() => folder.Load()).Message.ShouldContain("serverless-ml init DIR --sample flights");
        Should.Throw<ConfigurationException>(() => WorkspaceLoader.Load(Path.Combine(folder.Root, "nowhere"))).Message.ShouldContain("does not exist");
    }

    [Fact]
    public void Find_FromAFolderBelow_WalksUp()
    {
        var below = Directory.CreateDirectory(Path.Combine(folder.Root, "landing", "flights")).FullName;

        WorkspaceLoader.Find(below).ShouldBe(folder.Root);
        File.Delete(Path.Combine(folder.Root, "serverless.yaml"));
        WorkspaceLoader.Find(below).ShouldBeNull();
    }

    [Fact]
    public void Load_TwoFilesForOneDataset_NamesBoth()
    {
        folder.Write("datasets/copy.yaml", WorkspaceFolder.Flights);

        folder.Problems().ShouldHaveSingleItem().ToString()
            .ShouldBe("datasets/flights.yaml(1,10): dataset 'flights' is defined in datasets/copy.yaml already; give each dataset one file.");
    }

    [Fact]
    public void Load_DatasetFileBroken_ItsModelsAddNoSecondComplaint()
    {
        folder.Write("datasets/flights.yaml", "dataset: flights\n  columns: {\n");

        folder.Problems().ShouldHaveSingleItem().File.ShouldBe("datasets/flights.yaml");
    }

    [Fact]
    public void Load_KeyMisspelt_SaysWhatIsUnknownAndWhatIsMissing()
    {
        folder.Write("datasets/flights.yaml", WorkspaceFolder.Flights.Replace("columns:\n", "colums:\n"));

        folder.Problems().Select(p => p.ToString()).ShouldBe(
        [
            "datasets/flights.yaml(4,1): unknown key 'colums' in dataset. Did you mean 'columns'? Allowed: dataset, description, partition, columns, checks, anomalies, arrival, sources, from.",
            "datasets/flights.yaml(1,1): dataset has no 'columns'; expected columns with their types, such as 'delay: { type: integer }'.",
        ]);
    }

    [Fact]
    public void Load_NotUtf8_NamesLineAndColumn()
    {
        File.WriteAllBytes(Path.Combine(folder.Root, "serverless.yaml"), [.. "name: demo\n# caf"u8, 0xE9, (byte)'\n']);

        folder.Problems().ShouldHaveSingleItem().ToString().ShouldBe("serverless.yaml(2,6): is not UTF-8; save the file as UTF-8.");
    }

    [Fact]
    public void Accept_ValidatorsBrought_TheirProblemsStandWithTheOthers()
    {
        folder.Write("serverless.yaml", "name: demo\nextra: 1\n");
        var validator = new Complaint(new Problem("'date.Houre' is not a member of timestamp.", "models/flight-delay.yaml", 6, 9));

        Should.Throw<ConfigurationException>(() => WorkspaceLoader.Load(folder.Root, [validator])).Problems.Select(p => p.File)
            .ShouldBe(["models/flight-delay.yaml", "serverless.yaml"]);
    }

    [Fact]
    public void ContractVersion_OnlyWhatIsNotStoredChanges_Stays()
    {
        var before = folder.Load().Dataset("flights").ContractVersion;
        folder.Write("datasets/flights.yaml", WorkspaceFolder.Flights.Replace("one row each", "a row each").Replace("min: 1000", "min: 10").Replace("unit: miles, ", ""));
        folder.Load().Dataset("flights").ContractVersion.ShouldBe(before);

        folder.Write("datasets/flights.yaml", WorkspaceFolder.Flights.Replace("max: 2000", "max: 3000"));
        folder.Load().Dataset("flights").ContractVersion.ShouldNotBe(before);
    }

    [Fact]
    public void Hash_AnyByteOfAnyFileChanges_Changes()
    {
        var before = folder.Load().Hash;
        folder.Load().Hash.ShouldBe(before);

        folder.Write("models/flight-delay.yaml", WorkspaceFolder.FlightDelay + "\n# a comment");
        folder.Load().Hash.ShouldNotBe(before);
    }

    private sealed class Complaint(Problem problem) : IWorkspaceValidator
    {
        public IEnumerable<Problem> Validate(Workspace workspace) => workspace.Models.ContainsKey("flight-delay") ? [problem] : [];
    }
}
