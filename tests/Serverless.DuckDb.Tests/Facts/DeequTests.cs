using Serverless.Checks;
using Serverless.Datasets;

namespace Serverless.DuckDb.Tests.Facts;

/// <summary>Checks computed by the engine over Parquet, against the fixtures of Deequ's own tests (FixtureSupport.scala, AnalyzerTests.scala) and figures by hand.</summary>
public sealed class DeequTests : IDisposable
{
    private readonly EngineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    // att1: a, a, a, b. n: 1 .. 6 of Deequ's numeric fixture has population deviation 1.70783.
    private const string Full = "item,att1,half,n\n1,a,,1\n2,a,x,2\n3,a,,3\n4,b,y,4\n";

    [Theory]
    [InlineData("size", null, "min=4", Outcome.Passed, 4.0)]
    [InlineData("completeness", "half", "min=0.5", Outcome.Passed, 0.5)]
    [InlineData("completeness", "half", "min=0.51", Outcome.Failed, 0.5)]
    [InlineData("uniqueness", "att1", "min=0.2", Outcome.Passed, 0.25)]
    [InlineData("distinctness", "att1", "min=0.5", Outcome.Passed, 0.5)]
    [InlineData("unique-value-ratio", "att1", "min=0.5", Outcome.Passed, 0.5)]
    [InlineData("entropy", "att1", "max=1", Outcome.Passed, 0.56233514461880829)] // -(.75 ln .75 + .25 ln .25)
    [InlineData("primary-key", "item", "", Outcome.Passed, 1.0)]
    [InlineData("primary-key", "att1", "", Outcome.Failed, 0.25)]
    [InlineData("primary-key", "half", "", Outcome.Failed, 0.5)]
    [InlineData("uniqueness", "half", "", Outcome.Passed, 1.0)]
    [InlineData("min", "n", "min=1", Outcome.Passed, 1.0)]
    [InlineData("max", "n", "max=3", Outcome.Failed, 4.0)]
    [InlineData("mean", "n", "equals=2.5", Outcome.Passed, 2.5)]
    [InlineData("sum", "n", "equals=10", Outcome.Passed, 10.0)]
    [InlineData("stddev", "n", "max=2", Outcome.Passed, 1.1180339887498949)] // population: sqrt(5 / 4)
    [InlineData("quantile", "n", "probability=0.5;max=3", Outcome.Passed, 2.5)]
    [InlineData("pattern", "att1", "pattern=^a$;min=0.7", Outcome.Passed, 0.75)]
    [InlineData("containment", "att1", "values=a", Outcome.Failed, 0.75)]
    [InlineData("containment", "n", "values=1,2.0,4", Outcome.Failed, 0.75)]
    [InlineData("compliance", null, "condition=n > 1 AND att1 = 'a';min=0.5", Outcome.Passed, 0.5)]
    [InlineData("min-length", "half", "equals=1", Outcome.Passed, 1.0)]
    [InlineData("max-length", "att1", "equals=1", Outcome.Passed, 1.0)]
    [InlineData("approx-distinct", "att1", "equals=2", Outcome.Passed, 2.0)]
    public async Task Check_OnDeequsFixture_HasDeequsValue(string check, string? column, string parameters, Outcome outcome, double value)
    {
        var result = (await InspectAsync(Full, Check(check, column, parameters))).Checks.ShouldHaveSingleItem();
        result.Message.ShouldBeNull();
        result.Value!.Value.ShouldBe(value, 1e-12);
        result.Outcome.ShouldBe(outcome);
    }

    [Fact]
    public async Task Check_Where_LimitsTheRows()
    {
        var result = (await InspectAsync(Full, Check("completeness", "half", "min=0.6") with { Where = "att1 = 'a'" })).Checks[0];
        (result.Outcome, result.Expectation).ShouldBe((Outcome.Failed, "completeness >= 0.6 where att1 = 'a'"));
        result.Value!.Value.ShouldBe(1 / 3.0, 1e-12);
    }

    [Fact]
    public async Task Check_WhereThatIsNoSql_IsErroredAndHarmsNoOther()
    {
        var checks = (await InspectAsync(Full,
            Check("size", null, "min=1"), Check("completeness", "half", "min=0") with { Where = "nothing = 1" }, Check("uniqueness", "att1", "") with { Where = "1 +" })).Checks;
        checks.Select(c => c.Outcome).ShouldBe([Outcome.Passed, Outcome.Errored, Outcome.Errored]);
        checks[1].Message!.ShouldContain("nothing");
        checks[2].Message.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Check_OverSeveralFiles_TakesTheirRowsTogether()
    {
        var (one, two) = (Path.Combine(fixture.Folder, "1.parquet"), Path.Combine(fixture.Folder, "2.parquet"));
        await fixture.Engine.WriteAsync(one, new Table(2, [new IntegerColumn("n", [1, 2], null)]));
        await fixture.Engine.WriteAsync(two, new Table(1, [new IntegerColumn("n", [2], null), new StringColumn("att1", [0], ["x"], null)]));
        var inspection = await fixture.Engine.InspectAsync([one, two], Dataset(Check("uniqueness", "n", ""), Check("completeness", "att1", "min=0.1")));

        inspection.Checks.Select(c => c.Value!.Value).ShouldBe([1 / 3.0, 1 / 3.0], 1e-12);
        inspection.Profile.Rows.ShouldBe(3);
    }

    [Fact]
    public async Task Inspect_OfNoFiles_IsNotApplicable()
    {
        var inspection = await fixture.Engine.InspectAsync([], Dataset(Check("size", null, "min=1"), Check("mean", "n", "min=1")));
        inspection.Checks.Select(c => c.Outcome).ShouldBe([Outcome.Failed, Outcome.NotApplicable]);
        inspection.Profile.Columns.Count.ShouldBe(4);
    }

    private async Task<Partitions.Inspection> InspectAsync(string csv, params CheckDefinition[] checks)
    {
        var dataset = Dataset(checks);
        var drop = await fixture.PartitionAsync("a.csv", csv, dataset);
        drop.Rejected.ShouldBeNull();
        var together = await fixture.Engine.InspectAsync([drop.Partitions[0].Path!], dataset);
        together.Checks.ShouldBe(drop.Partitions[0].Inspection!.Checks);
        return together;
    }

    private static DatasetDefinition Dataset(params CheckDefinition[] checks) => new()
    {
        Name = "d", File = "d.yaml", ContractVersion = "", Partition = new PartitionScheme(null, PartitionGrain.Day), Checks = checks,
        Columns =
        [
            new() { Name = "item", Type = ColumnType.Integer }, new() { Name = "att1", Type = ColumnType.String },
            new() { Name = "half", Type = ColumnType.String }, new() { Name = "n", Type = ColumnType.Integer },
        ],
    };

    private static CheckDefinition Check(string name, string? column, string parameters) => new()
    {
        Check = name, Column = column,
        Parameters = parameters.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2))
            .ToDictionary(p => p[0], p => new Parameter(p[0] == "values" ? p[1].Split(',') : [p[1]], p[0] == "values", 1, 1)),
    };
}
