using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;
using Serverless.Datasets;

namespace Serverless.Core.Tests.Checks;

public sealed class CheckCatalogueTests
{
    private static readonly ICheckCatalogue Catalogue = new ServiceCollection().AddChecks().BuildServiceProvider().GetRequiredService<ICheckCatalogue>();

    [Fact]
    public void Names_OfTheFirstChecks_AreThere() => new[]
    {
        "size", "completeness", "uniqueness", "distinctness", "primary-key", "min", "max", "mean", "sum", "stddev", "pattern", "containment",
    }.ShouldBeSubsetOf(Catalogue.Names);

    [Theory]
    [InlineData("completness", "a", "min=1", "d.yaml(7,14): unknown check 'completness'. Did you mean 'completeness'?")]
    [InlineData("completeness", "amount", "min=1", "d.yaml(7,33): check 'completeness': dataset 'd' has no column 'amount'. Known: a, text, time.")]
    [InlineData("completeness", null, "min=1", "d.yaml(7,14): check 'completeness' needs a column.")]
    [InlineData("size", "a", "min=1", "d.yaml(7,33): check 'size' is about all rows and takes no column.")]
    [InlineData("size", null, "", "d.yaml(7,14): check 'size' needs a limit: min, max or equals.")]
    [InlineData("size", null, "minn=1", "d.yaml(8,5): check 'size' has no parameter 'minn'. Did you mean 'min'?")]
    [InlineData("size", null, "min=many", "d.yaml(8,5): check 'size': 'min' must be a number, not 'many'.")]
    [InlineData("size", null, "min=3;max=2", "d.yaml(8,5): check 'size': min 3 is greater than max 2.")]
    [InlineData("mean", "text", "min=1", "d.yaml(7,33): check 'mean' applies to integer or number columns; 'text' is string.")]
    [InlineData("pattern", "text", "", "d.yaml(7,14): check 'pattern' needs 'pattern' (a regular expression) or 'kind' (credit-card, email, url, us-ssn).")]
    [InlineData("quantile", "a", "probability=2;max=1", "d.yaml(8,5): check 'quantile': 'probability' must be from 0 to 1, not 2.")]
    [InlineData("primary-key", null, "", "d.yaml(7,14): check 'primary-key' needs a column (column: a) or columns (columns: [a, b]).")]
    [InlineData("completeness", "a", "min=95", "d.yaml(8,5): check 'completeness': 'min' is 95, but the value is a share, from 0 to 1.")]
    [InlineData("size", null, "max=-1", "d.yaml(8,5): check 'size': 'max' is -1, but the value is a count, 0 or more.")]
    [InlineData("size", null, "min=3;equals=2", "d.yaml(8,5): check 'size': equals 2 is outside of min 3.")]
    [InlineData("pattern", "text", "pattern=(?<=a)b", "d.yaml(8,5): check 'pattern': 'pattern' uses look-around, a back-reference or an atomic group, which RE2 does not have: '(?<=a)b'.")]
    [InlineData("pattern", "text", "kind=emial", "d.yaml(8,5): check 'pattern': 'kind' cannot be 'emial'. Did you mean 'email'? Allowed: credit-card, email, url, us-ssn.")]
    [InlineData("containment", "a", "from=3;to=2", "d.yaml(8,5): check 'containment': from 3 is greater than to 2.")]
    [InlineData("containment", "text", "from=3", "d.yaml(8,5): check 'containment': a range applies to integer or number columns.")]
    [InlineData("correlation", "a", "min=0", "d.yaml(7,14): check 'correlation' needs two columns (columns: [a, b]).")]
    [InlineData("freshness", "time", "within=tomorrow", "d.yaml(8,5): check 'freshness': 'within' must be a duration such as 26h or 2d, not 'tomorrow'.")]
    [InlineData("freshness", "time", "", "d.yaml(7,14): check 'freshness' needs a limit: within, min, max or equals.")]
    public void Validate_WrongCheck_SaysWhereAndWhat(string check, string? column, string parameters, string problem) =>
        Catalogue.Validate(Dataset(Check(check, column, parameters))).Select(p => p.ToString()).ShouldContain(problem);

    [Fact]
    public void Validate_SeveralWrong_ReportsAll() =>
        Catalogue.Validate(Dataset(Check("x", null, ""), Check("size", null, ""), Check("size", null, "min=1"))).Count.ShouldBe(2);

    [Theory]
    [InlineData("min", "max", "a")]
    [InlineData("min-length", "max-length", "text")]
    public void Validate_LeastAboveGreatest_ContradictsItself(string least, string most, string column) =>
        Catalogue.Validate(Dataset(Check(least, column, "min=10"), Check(most, column, "max=5"))).Select(p => p.ToString())
            .ShouldBe([$"d.yaml(8,5): check '{most}' of '{column}' allows at most 5, but check '{least}' of line 7 asks for at least 10."]);

    [Fact]
    public void Plan_EqualWishesOfSeveralChecks_AreScannedOnce() => Catalogue
        .Plan(Dataset(Check("size", null, "min=1"), Check("completeness", "a", ""), Check("mean", "a", "min=1"), Check("sum", "a", "min=1")))
        .Aggregates.Count.ShouldBe(3);

    [Theory]
    [InlineData("completeness", "a", "min=0.95", 94, Outcome.Failed, 0.94, "completeness >= 0.95")]
    [InlineData("completeness", "a", "min=0.95", 95, Outcome.Passed, 0.95, "completeness >= 0.95")]
    [InlineData("completeness", "a", "min=0.1;max=0.9", 95, Outcome.Failed, 0.95, "completeness >= 0.1 and <= 0.9")]
    [InlineData("completeness", "a", "equals=0.95", 95, Outcome.Passed, 0.95, "completeness = 0.95")]
    [InlineData("completeness", "a", "", 95, Outcome.Failed, 0.95, "completeness >= 1")]
    public void Evaluate_OfStates_ComparesWithTheConstraint(string check, string column, string parameters, long filled, Outcome outcome, double value, string expectation)
    {
        var result = Catalogue.Plan(Dataset(Check(check, column, parameters))).Evaluate([new CountState(filled), new CountState(100)]).ShouldHaveSingleItem();
        (result.Outcome, result.Value, result.Expectation, result.Column).ShouldBe((outcome, value, expectation, column));
    }

    [Fact]
    public void Evaluate_WithoutRowsOrWithoutStates_NeverThrows()
    {
        var plan = Catalogue.Plan(Dataset(Check("completeness", "a", ""), Check("uniqueness", "a", "")));
        plan.Evaluate([new CountState(0), new CountState(0), null]).Select(r => (r.Outcome, r.Message)).ShouldBe(
        [
            (Outcome.NotApplicable, "no rows"),
            (Outcome.Errored, "the states of several partitions cannot be merged for this check; it has to read the rows together"),
        ]);
        plan.Evaluate([new CountState(1), new CountState(1), null], new Dictionary<int, string> { [2] = "no such function" })
            .Select(r => (r.Outcome, r.Message)).ShouldBe([(Outcome.Passed, null), (Outcome.Errored, "no such function")]);
    }

    private static DatasetDefinition Dataset(params CheckDefinition[] checks) => new()
    {
        Name = "d", File = "d.yaml", ContractVersion = "", Partition = new PartitionScheme(null, PartitionGrain.Day),
        Columns = [new() { Name = "a", Type = ColumnType.Integer }, new() { Name = "text", Type = ColumnType.String }, new() { Name = "time", Type = ColumnType.Timestamp }], Checks = checks,
    };

    private static CheckDefinition Check(string name, string? column, string parameters) => new()
    {
        Check = name, Column = column, Line = 7, LineColumn = 14, ColumnAt = (7, 33),
        Parameters = parameters.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => new Parameter([p[1]], false, 8, 5)),
    };
}
