using Serverless.Datasets;
using Serverless.Features;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features;

public sealed class FeatureFunctionsTests
{
    public FeatureFunctionsTests()
    {
        FeatureFunctions.Add(new Speed());
        FeatureFunctions.Add(new Speed { Version = 2 });
        FeatureFunctions.Add(new Initial());
    }

    private static readonly Table Rows = new(3, [new NumberColumn("distance", [100, 0, 300], [false, true, false]), new IntegerColumn("balance", [2, 2, 0], null), (StringColumn)Texts("origin", "JFK", null, "ORD")["origin"]]);

    [Fact]
    public void Expression_WithAnOwnFunction_ComputesRecordsAndNamesItsColumns()
    {
        var plan = Fit(Rows, Trees, "speed: speed_of(distance, balance) + 1", "first: { from: initial_of(origin), encode: one-hot }");
        plan.Transform(Rows, [0, 1, 2]).Values.ShouldBe([101, 0, float.NaN, float.NaN, float.NaN, 1]); // version 2 doubles; 300 / 0 is infinite
        plan.State.Functions.ShouldBe([new FunctionVersion("initial_of", 1), new FunctionVersion("speed_of", 2)]);
        plan.ColumnsOf("speed").ShouldBe(["distance", "balance"]);
    }

    [Fact]
    public void StoredModel_OfAnOlderVersion_StillUsesIt()
    {
        var state = Fit(Rows, Trees, "speed: speed_of(distance, balance)").State;
        new FeaturePlan(state with { Functions = [new FunctionVersion("speed_of", 1)] }).Transform(Rows, [0]).Values.ShouldBe([50]);
    }

    [Fact]
    public void LoadModel_FunctionAbsent_IsRefusedWithItsName()
    {
        var state = Fit(Rows, Trees, "speed: speed_of(distance, balance)").State with { Functions = [new FunctionVersion("speed_of", 7)] };
        var document = new PipelineDocument { Model = "late", Task = Serverless.Models.TaskKind.Regression, Label = "x", Classes = [], Features = state, Predictor = "constant" };
        document.SchemaVersion.ShouldBe(2);
        var bytes = ModelPackage.Write(document, new ConstantPredictor([0.5]));
        Should.Throw<DataException>(() => ModelPackage.Read(new MemoryStream(bytes), 1)).Message.ShouldBe(
            "the model calls the function 'speed_of' version 7, which this program does not have (it has version 1, 2); name the assembly that holds it under 'functions' in serverless.yaml, or add it in the host, or train the model again");
    }

    [Theory]
    [InlineData("s: speed_of(distance)", "feature 's': 'speed_of(distance)': these are not the arguments that the function takes (column 1); it is speed_of(number distance, integer minutes) -> number")]
    [InlineData("s: sped_of(distance, balance)", "feature 's': 'sped_of' is not a column of the dataset (column 1). Did you mean 'speed_of'?")]
    public void Expression_WrongCall_SaysWhatTheFunctionTakes(string feature, string message) => Wrong("lightgbm", "delay > 15", feature).ShouldHaveSingleItem().ShouldContain(message);

    [Fact]
    public void Add_WhatIsNotAllowed_SaysWhy()
    {
        Should.Throw<ConfigurationException>(() => FeatureFunctions.Add(new Bad("no good", 1, () => 1.0))).Message.ShouldContain("a name has letters, digits and _, at most 64, and begins with a letter");
        Should.Throw<ConfigurationException>(() => FeatureFunctions.Add(new Bad("f", 0, () => 1.0))).Message.ShouldContain("its version is 0; versions count from 1");
        Should.Throw<ConfigurationException>(() => FeatureFunctions.Add(new Bad("f", 1, (decimal d) => 1.0))).Message.ShouldContain("it takes or gives a Decimal; allowed are long, int, double, bool, string and DateTime");
        Should.Throw<ConfigurationException>(() => FeatureFunctions.Add(new Bad("speed_of", 1, () => 1.0))).Message.ShouldContain("function 'speed_of' version 1 is defined twice");
    }

    [Fact]
    public void Workspace_NamesAnAssembly_ItsFunctionsAreThere()
    {
        using var folder = new Workspaces.WorkspaceFolder();
        File.Copy(typeof(FeatureFunctionsTests).Assembly.Location, Path.Combine(folder.Root, "own.dll"));
        folder.Write("serverless.yaml", "name: demo\nfunctions: [own.dll]\n");
        folder.Write("models/flight-delay.yaml", Workspaces.WorkspaceFolder.FlightDelay.Replace("hour: date.Hour", "hour: shout_of(origin)", StringComparison.Ordinal));
        folder.Load().Model("flight-delay").Features[0].From.Text.ShouldBe("shout_of(origin)");
        var text = ExpressionCompiler.Compile("shout_of(origin)", Schema);
        var row = Schema.NewRow();
        row.SetText(Schema.Slot("origin"), "jfk");
        text.Text(row).ShouldBe("JFK!");
    }

    // New York to London; spherical law of cosines, 3442.4081631090144 miles.
    [Fact]
    public void Sample_GreatCircle_IsTheDistanceOfTheAirports()
    {
        var miles = (Func<double, double, double, double, double>)new Freight.GreatCircle().Function;
        miles(40.6413, -73.7781, 51.4700, -0.4543).ShouldBe(3442.4081631090144, 1e-9);
        miles(91, 0, 0, 0).ShouldBe(double.NaN);
    }

    [Theory]
    [InlineData("functions: [nowhere.dll]", "serverless.yaml(2,13): assembly 'nowhere.dll' does not exist; the path is relative to the folder of serverless.yaml.")]
    [InlineData("functions: [serverless.yaml]", "serverless.yaml(2,13): assembly 'serverless.yaml' cannot be loaded: ")]
    [InlineData("functions: own.dll", "serverless.yaml(2,12): 'functions' must be a list of assemblies, such as [functions/Freight.dll].")]
    public void Workspace_BadAssembly_NamesPlaceAndReason(string line, string message)
    {
        using var folder = new Workspaces.WorkspaceFolder();
        folder.Write("serverless.yaml", $"name: demo\n{line}\n");
        Should.Throw<ConfigurationException>(() => folder.Load()).Problems.ShouldHaveSingleItem().ToString().ShouldStartWith(message);
    }

    internal sealed class Speed : IFeatureFunction
    {
        public string Name => "speed_of";

        public int Version { get; init; } = 1;

        public Delegate Function => Version == 1 ? (double distance, long minutes) => distance / minutes : (double distance, long minutes) => 2 * distance / minutes;
    }

    internal sealed class Initial : IFeatureFunction
    {
        public string Name => "initial_of";

        public Delegate Function => (string text) => text[..1];
    }

    private sealed class Bad(string name, int version, Delegate function) : IFeatureFunction
    {
        public string Name => name;

        public int Version => version;

        public Delegate Function => function;
    }
}

/// <summary>Found by reflection in this assembly, as a workspace's own would be.</summary>
public sealed class Shout : IFeatureFunction
{
    public string Name => "shout_of";

    public Delegate Function => static (string text) => text.ToUpperInvariant() + "!";
}
