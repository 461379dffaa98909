using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Sessions;

namespace Serverless.DuckDb.Tests.Facts;

/// <summary>Parquet can hold NaN and infinity. A drop's go to quarantine; of a file that another program stored, or that has no contract, they are as if they were missing.</summary>
public sealed class NotANumberTests : IDisposable
{
    private readonly EngineFixture fixture = new();
    private readonly string path;

    public NotANumberTests()
    {
        path = Path.Combine(fixture.Folder, "odd.parquet");
        using var session = Session.Open();
        session.Execute($"COPY (SELECT unnest(['NaN'::DOUBLE, 'inf'::DOUBLE, '-inf'::DOUBLE, NULL, 1.5, 2.5, 5.0]) AS x, unnest(range(7)) AS n) TO {Sql.Text(path)} (FORMAT parquet)");
    }

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task Drop_WithThem_PutsTheirRowsIntoQuarantine()
    {
        var drop = await fixture.PartitionAsync(path, Dataset());

        (drop.Rows, drop.Quarantined).ShouldBe((7, 3));
        EngineFixture.Rows(drop.Partitions[0].QuarantinePath!).ShouldBe(["nan|0|finite:x|1|", "inf|1|finite:x|2|", "-inf|2|finite:x|3|"]);
        drop.Partitions[0].Inspection!.Profile.Columns[0].ShouldSatisfyAllConditions(c => c.Nulls.ShouldBe(1), c => c.Mean.ShouldBe(3), c => c.Max.ShouldBe(5.0));
    }

    [Fact]
    public async Task Profile_OfAFileWithThem_CountsThemAsMissing()
    {
        var column = (await fixture.Engine.ProfileAsync(path, "odd.parquet")).Columns[0];
        (column.Nulls, column.Distinct, column.Min, column.Max, column.Mean).ShouldBe((4, 3, 1.5, 5.0, 3.0));
    }

    [Fact]
    public async Task Checks_OfStoredRowsWithThem_AreFiguresOfTheOthers()
    {
        var inspection = await fixture.Engine.InspectAsync([path], Dataset(
            Check("completeness", "min=0"), Check("min", "min=0"), Check("max", "max=9"), Check("mean", "max=9"), Check("stddev", "max=9"), Check("sum", "max=99"), Check("uniqueness", "min=0"),
            Check("approx-distinct", "min=0"), Check("quantile", "probability=0.5;max=9")));

        inspection.Checks.ShouldAllBe(c => c.Outcome == Outcome.Passed);
        inspection.Checks.Select(c => Math.Round(c.Value!.Value, 9)).ShouldBe(new[] { 3.0 / 7, 1.5, 5, 3, Math.Sqrt(6.5 / 3), 9, 1, 3, 2.5 }.Select(v => Math.Round(v, 9)));
        inspection.Profile.Columns[0].ShouldSatisfyAllConditions(c => c.Nulls.ShouldBe(4), c => c.Mean.ShouldBe(3), c => c.Histogram!.Counts.Sum().ShouldBe(3));
    }

    private static CheckDefinition Check(string name, string parameters) => new()
    {
        Check = name, Column = "x", Parameters = parameters.Split(';').Select(p => p.Split('=')).ToDictionary(p => p[0], p => new Parameter([p[1]], false, 1, 1)),
    };

    private static DatasetDefinition Dataset(params CheckDefinition[] checks) => new()
    {
        Name = "d", File = "d.yaml", ContractVersion = "", Partition = new PartitionScheme(null, PartitionGrain.Day), Checks = checks,
        Columns = [new() { Name = "x", Type = ColumnType.Number }, new() { Name = "n", Type = ColumnType.Integer }],
    };
}
