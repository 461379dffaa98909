using Microsoft.Extensions.DependencyInjection;
using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Drift.Samples;
using Serverless.Problems;
using Serverless.Testing;

namespace Serverless.DuckDb.Tests;

/// <summary>Files as sides of a comparison, and comparisons of real flights.</summary>
public sealed class DriftFileTests : IDisposable
{
    private readonly EngineFixture fixture = new();
    private readonly ServiceProvider services = new ServiceCollection().AddServerlessDrift().BuildServiceProvider();

    private IDriftFiles Files => services.GetRequiredService<IDriftFiles>();

    private IDriftDetector Detector => services.GetRequiredService<IDriftDetector>();

    public void Dispose()
    {
        services.Dispose();
        fixture.Dispose();
    }

    [Fact]
    public async Task Open_ParquetAndCsvOfTheSameRows_GiveTheSameReport()
    {
        var table = new Table(4,
        [
            new IntegerColumn("i", [1, 0, -3, 5], [false, true, false, false]), new NumberColumn("n", [0.5, 1e9, double.NaN, -2], [false, false, true, false]),
            new BooleanColumn("b", [true, false, false, true], null), new StringColumn("s", [0, -1, 1, 1], ["x", "y"], [false, true, false, false]),
            new TimestampColumn("t", [.. Enumerable.Range(1, 4).Select(d => new DateTime(2001, 2, d, 4, 5, 6).Ticks)], null),
        ]);
        var parquet = Path.Combine(fixture.Folder, "a.parquet");
        await fixture.Engine.WriteAsync(parquet, table);
        var csv = fixture.WriteGzip("a.csv.gz", "i,n,b,s,t\n1,0.5,true,x,2001-02-01 04:05:06\n,1e9,false,,2001-02-02 04:05:06\n-3,,false,y,2001-02-03 04:05:06\n5,-2,true,y,2001-02-04 04:05:06\n");

        using var one = Files.Open(parquet, "a.parquet");
        using var other = Files.Open(csv, "a.csv.gz");

        one.Rows.ShouldBe(4);
        other.Columns.ShouldBe(one.Columns);
        var report = Detector.Compare(one, other, new DriftSettings());
        report.Columns.Select(c => c.PValue ?? 1).ShouldAllBe(p => Math.Abs(p - 1) < 1e-12);
        report.Columns.Select(c => c.Missing.Reference).ShouldBe([0.25, 0.25, 0, 0.25, 0]);
        report.Columns.Select(c => c.Missing.Current).ShouldBe([0.25, 0.25, 0, 0.25, 0]);
    }

    [Fact]
    public async Task Open_SeveralParquetFiles_AreOneSource()
    {
        string[] paths = [Path.Combine(fixture.Folder, "a.parquet"), Path.Combine(fixture.Folder, "b.parquet")];
        await fixture.Engine.WriteAsync(paths[0], new Table(2, [new IntegerColumn("i", [3, 1], null)]));
        await fixture.Engine.WriteAsync(paths[1], new Table(1, [new IntegerColumn("i", [2], null), new NumberColumn("n", [0.5], null)]));

        using var file = Files.Open(paths, "partitions");

        file.Rows.ShouldBe(3);
        ((NumericSample)file.Samples(["i"], CancellationToken.None)[0]).Values.ShouldBe([1, 2, 3]);
        file.Samples(["n"], CancellationToken.None)[0].Missing.ShouldBe(2);
        ((IntegerColumn)file.Read(["i"], CancellationToken.None)["i"]).Values.ShouldBe([3, 1, 2]);
    }

    [Theory]
    [InlineData("a.csv", "a,b\n1,2\n3\n", "a.csv: ")]
    [InlineData("a.parquet", "no parquet", "a.parquet: ")]
    [InlineData("a.jsonl", "{\"a\":\n", "a.jsonl: ")]
    public void Open_WhatIsNotWhatItsNameSays_IsAnErrorThatNamesIt(string name, string text, string start)
    {
        var path = fixture.Write(name, text);
        Should.Throw<DataException>(() => Files.Open(path, name)).Message.ShouldStartWith(start);
    }

    // The flights of January 2001 in samples/: two halves of the month fly the same routes in the same unit.
    [Fact]
    public void Unit_RealDistancesInMilesAndKilometres_IsNamedOnlyWhereItChanged()
    {
        var (miles, later) = (Distances(0, 10), Distances(10, 20));

        Change(miles, later).ShouldBeEmpty();
        Change(miles, [.. later.Select(d => (long)Math.Round(d * 1.609344))]).ShouldHaveSingleItem().Message.ShouldStartWith("values look multiplied by 1.609 (miles to kilometres?)");
        Change(miles, [.. later.Select(d => (long)Math.Round(d * 1609.344))]).ShouldHaveSingleItem().Message.ShouldStartWith("values look multiplied by 1609 (miles to metres?)");

        IReadOnlyList<UpstreamChange> Change(long[] before, long[] after) =>
            Detector.Compare(new Table(before.Length, [new IntegerColumn("distance", before, null)]), new Table(after.Length, [new IntegerColumn("distance", after, null)]), new DriftSettings()).UpstreamChanges;
    }

    // SciPy 1.10.1 on the same rows; the values that the project's reference values print.
    [SkippableFact]
    public void Compare_FirstHalfOfThreeMillionFlightsWithTheSecond_EqualsSciPy()
    {
        var path = Repository.PathOf("bench/node_modules/vega-datasets/data/flights-3m.parquet");
        Skip.IfNot(File.Exists(path), "the 3,000,000 flights are not here; they come with: npm ci --prefix bench");
        var (first, second) = Halves(path);

        foreach (var (column, ks, wasserstein) in new[] { ("delay", 0.044968, 1.877711333), ("distance", 0.004245333, 6.326230667) })
        {
            Column(column, "ks").Statistic!.Value.ShouldBe(ks, 1e-9);
            Column(column, "wasserstein").Statistic!.Value.ShouldBe(wasserstein, 1e-9);
        }

        var origin = Column("origin", "chi2");
        origin.Statistic!.Value.ShouldBe(4262.190513, 1e-6);
        origin.Rule.ShouldBe("categories as they are; 228 degrees of freedom");

        DriftColumn Column(string name, string method) => Detector.Compare(first, second, new DriftSettings { Columns = [name], Method = method }).Columns.Single();
    }

    private static (Table First, Table Second) Halves(string path)
    {
        using var file = new ServiceCollection().AddServerlessDrift().BuildServiceProvider().GetRequiredService<IDriftFiles>().Open([path], "flights");
        var whole = file.Read(["delay", "distance", "origin"], CancellationToken.None);
        var half = whole.Rows / 2;
        Table Part(Range rows) => new(half, [.. whole.Columns.Select(c => c switch
        {
            IntegerColumn i => (TableColumn)new IntegerColumn(i.Name, i.Values[rows], i.Missing?[rows]),
            StringColumn s => new StringColumn(s.Name, s.Codes[rows], s.Dictionary, s.Missing?[rows]),
            _ => throw new InvalidOperationException(c.Name),
        })]);
        return (Part(..half), Part(half..));
    }

    private long[] Distances(int from, int to)
    {
        var files = Directory.GetFiles(Repository.PathOf("samples/flights/drops")).Order(StringComparer.Ordinal).Skip(from).Take(to - from);
        var values = new List<long>();
        foreach (var path in files)
        {
            using var file = Files.Open(path, Path.GetFileName(path));
            values.AddRange(((IntegerColumn)file.Read(["distance"], CancellationToken.None)["distance"]).Values);
        }

        return [.. values];
    }
}

file static class Registration
{
    public static IServiceCollection AddServerlessDrift(this IServiceCollection services) => Checks.ChecksServices.AddChecks(services).AddDrift().AddDuckDb();
}
