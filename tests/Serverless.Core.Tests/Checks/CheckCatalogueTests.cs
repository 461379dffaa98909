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
    [InlineData("completness", "a", "min=1", "d.yaml(7,1): unknown check 'completness'. Did you mean 'completeness'?")]
    [InlineData("completeness", "amount", "min=1", "d.yaml(7,1): check 'completeness': dataset 'd' has no column 'amount'. Known: a, text.")]
    [InlineData("completeness", null, "min=1", "d.yaml(7,1): check 'completeness' needs a column.")]
    [InlineData("size", "a", "min=1", "d.yaml(7,1): check 'size' is about all rows and takes no column.")]
    [InlineData("size", null, "", "d.yaml(7,1): check 'size' needs a limit: min, max or equals.")]
    [InlineData("size", null, "minn=1", "d.yaml(8,5): check 'size' has no parameter 'minn'. Did you mean 'min'?")]
    [InlineData("size", null, "min=many", "d.yaml(8,5): check 'size': 'min' must be a number, not 'many'.")]
    [InlineData("size", null, "min=3;max=2", "d.yaml(7,1): check 'size': min 3 is greater than max 2.")]
    [InlineData("mean", "text", "min=1", "d.yaml(7,1): check 'mean' applies to integer or number columns; 'text' is string.")]
    [InlineData("pattern", "text", "", "d.yaml(7,1): check 'pattern' needs 'pattern'.")]
    [InlineData("quantile", "a", "probability=2;max=1", "d.yaml(8,5): check 'quantile': 'probability' must be from 0 to 1, not 2.")]
    [InlineData("primary-key", null, "", "d.yaml(7,1): check 'primary-key' needs a column (column: a) or columns (columns: [a, b]).")]
    public void Validate_WrongCheck_SaysWhereAndWhat(string check, string? column, string parameters, string problem) =>
        Catalogue.Validate(Dataset(Check(check, column, parameters))).Select(p => p.ToString()).ShouldContain(problem);

    [Fact]
    public void Validate_SeveralWrong_ReportsAll() =>
        Catalogue.Validate(Dataset(Check("x", null, ""), Check("size", null, ""), Check("size", null, "min=1"))).Count.ShouldBe(2);

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
        Columns = [new() { Name = "a", Type = ColumnType.Integer }, new() { Name = "text", Type = ColumnType.String }], Checks = checks,
    };

    private static CheckDefinition Check(string name, string? column, string parameters) => new()
    {
        Check = name, Column = column, Line = 7,
        Parameters = parameters.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).ToDictionary(p => p[0], p => new Parameter([p[1]], false, 8, 5)),
    };
}
