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
    [InlineData("approx-distinct-share", "att1", "max=0.5", Outcome.Passed, 0.5)]
    [InlineData("approx-quantile", "n", "probability=0.5;max=3", Outcome.Passed, 2.5)]
    [InlineData("count-distinct", "att1", "equals=2", Outcome.Passed, 2.0)]
    [InlineData("count-distinct", "half", "equals=2", Outcome.Passed, 2.0)] // empty values are no value
    [InlineData("count-distinct", null, "columns=att1,half;equals=3", Outcome.Passed, 3.0)] // (a, -) (a, x) (b, y)
    [InlineData("uniqueness", null, "columns=att1,half;min=0.5", Outcome.Passed, 0.5)]
    [InlineData("histogram-bins", "half", "equals=3", Outcome.Passed, 3.0)] // Deequ's NullValue is a bin
    [InlineData("histogram-bins", "att1", "max=2", Outcome.Passed, 2.0)]
    [InlineData("histogram-top-share", "half", "max=0.5", Outcome.Passed, 0.5)]
    [InlineData("histogram-top-share", "att1", "max=0.7", Outcome.Failed, 0.75)]
    [InlineData("mutual-information", null, "columns=item,att1;min=0.5", Outcome.Passed, 0.56233514461880829)] // item determines att1: its entropy, as in Deequ's AnalyzerTests
    [InlineData("correlation", null, "columns=item,n;min=0.99", Outcome.Passed, 1.0)]
    [InlineData("non-negative", "n", "", Outcome.Passed, 1.0)]
    [InlineData("positive", "n", "", Outcome.Passed, 1.0)]
    [InlineData("comparison", null, "columns=item,n;operator=<=", Outcome.Passed, 1.0)]
    [InlineData("comparison", null, "columns=item,n;operator=<;max=0.1", Outcome.Passed, 0.0)]
    [InlineData("comparison", null, "columns=att1,half;operator=<;min=0.5", Outcome.Passed, 0.5)] // an empty one does not compare
    [InlineData("data-type", "n", "type=integral", Outcome.Passed, 1.0)]
    [InlineData("data-type", "half", "type=null;max=0.5", Outcome.Passed, 0.5)]
    [InlineData("containment", "half", "values=x", Outcome.Failed, 0.75)] // an empty value counts as allowed
    [InlineData("containment", "n", "from=2;to=3", Outcome.Failed, 0.5)]
    [InlineData("containment", "n", "from=2", Outcome.Failed, 0.75)]
    [InlineData("pattern", "half", "pattern=^[xy]$;min=0.5", Outcome.Passed, 0.5)] // of all rows
    [InlineData("column-names", null, "", Outcome.Passed, 1.0)]
    [InlineData("column-order", null, "", Outcome.Passed, 1.0)]
    [InlineData("column-count", null, "equals=4", Outcome.Passed, 4.0)]
    [InlineData("sql", null, "query=SELECT count(*) FROM data WHERE att1 = 'a' AND half IS NULL;equals=2", Outcome.Passed, 2.0)]
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
    public async Task Scans_OfManyChecksThatCanShare_AreOne()
    {
        CheckDefinition[] shared =
        [
            Check("size", null, "min=1"), .. new[] { "item", "n" }.SelectMany(c => new[]
            {
                Check("completeness", c, ""), Check("min", c, "min=0"), Check("max", c, "min=0"), Check("mean", c, "min=0"), Check("sum", c, "min=0"), Check("stddev", c, "min=0"),
                Check("quantile", c, "probability=0.5;min=0"), Check("non-negative", c, ""), Check("positive", c, ""), Check("data-type", c, "type=integral"), Check("approx-distinct", c, "min=1"),
                Check("uniqueness", c, ""), Check("entropy", c, "min=0"),
            }),
        ];
        shared.Length.ShouldBe(27);
        var inspection = await InspectAsync(Full, shared);
        inspection.Checks.ShouldAllBe(c => c.Outcome == Outcome.Passed);
        inspection.Scans.ShouldBe(1);

        // Two groupings of their own, one of them asked for twice.
        (await InspectAsync(Full, [.. shared, Check("uniqueness", null, "columns=item,n"), Check("primary-key", null, "columns=item,n"), Check("entropy", "att1", "min=0") with { Where = "n > 1" }]))
            .Scans.ShouldBe(3);
    }

    [Fact]
    public async Task Check_OnEdges_IsDefined()
    {
        var constant = await InspectAsync("item,att1,half,n\n1,😀é,,5\n1,,,5\n", Check("correlation", null, "columns=item,n;min=0"), Check("max-length", "att1", "equals=2"),
            Check("mean", "n", "equals=5"), Check("min-length", "half", "min=1"), Check("stddev", "n", "equals=0"), Check("mutual-information", null, "columns=att1,half;min=0"), Check("entropy", "half", "min=0"));
        constant.Checks.Select(c => (c.Outcome, c.Message)).ShouldBe(
        [
            (Outcome.NotApplicable, "a column is constant"), (Outcome.Passed, null), (Outcome.Passed, null), (Outcome.NotApplicable, "no values"), (Outcome.Passed, null),
            (Outcome.NotApplicable, "no rows with both"), (Outcome.NotApplicable, "no values"),
        ]);
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

    // Deequ's PatternMatchTest: its lists of good and bad values; cards are test numbers of the schemes (all pass Luhn), which must stand alone.
    [Theory]
    [InlineData("email", true, "someone@somewhere.org", "someone+tag@sub.example.co.uk", "first.last@example.com", "Upper@Case.ORG", "a@[127.0.0.1]")]
    [InlineData("email", false, "someone@else", "plain text", "@example.com", "a@b@", "someone.example.com")]
    [InlineData("url", true, "http://foo.com/blah_blah", "https://www.example.com/foo/?bar=baz&inga=42&quux", "ftp://foo.bar/baz", "http://142.42.1.1:8080/", "http://userid:password@example.com:8080/")]
    [InlineData("url", false, "http://", "http://?", "foo.com", "//a", "http:// shouldfail.com", ":// should fail", "rdar://1234")]
    [InlineData("credit-card", true, "378282246310005", "3782 822463 10005", "3714-496353-98431", "6011111111111117", "6011 1111 1111 1117", "5555555555554444", "5555-5555-5555-4444", "4111111111111111", "4111 1111 1111 1111")]
    [InlineData("credit-card", false, "0000111122223333", "000011112222333", "00001111222233", "411111111111111", "41111111111111112", "4111 1111-1111 1111", "x378282246310005")]
    [InlineData("us-ssn", true, "111-05-1130", "111051130", "111 05 1130", "665-05-1130", "899-05-1130", "219-09-9998", "078-05-1121")]
    [InlineData("us-ssn", false, "111-00-1000", "000-05-1130", "111-05-0000", "219-09-9999", "078-05-1120", "11-05-1130", "666-05-1130", "900-05-1130", "111-05 1130")]
    public async Task Pattern_WithAName_MatchesWhatDeequsDoes(string kind, bool matches, params string[] texts)
    {
        foreach (var text in texts)
        {
            var check = (await InspectAsync($"item,att1,half,n\n1,\"{text}\",,1\n", Check("pattern", "att1", $"kind={kind}"))).Checks[0];
            (text, check.Value).ShouldBe((text, matches ? 1.0 : 0.0));
        }
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
        var there = drop.Partitions[0].Inspection!;

        // What needs the drop cannot be known of its Parquet file.
        if (!checks.Any(c => c.Check.StartsWith("column-", StringComparison.Ordinal) || c.Check == "freshness")) together.Checks.ShouldBe(there.Checks);
        return there;
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
            .ToDictionary(p => p[0], p => new Parameter(p[0] is "values" or "columns" ? p[1].Split(',') : [p[1]], p[0] is "values" or "columns", 1, 1)),
    };
}
