using System.Globalization;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.DuckDb.Tests.Ingest;
using Serverless.Partitions;
using Serverless.Suggestions;
using Serverless.Testing;

namespace Serverless.DuckDb.Tests.Suggestions;

/// <summary>Whatever the data are: what is suggested from them holds on them.</summary>
public sealed class SuggestionsHold : IDisposable
{
    private readonly EngineFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    private static readonly string[] Names = ["n", "a\"b", "select", "Ümlaut x", "c-1", "it's", "_x", "where"];

    private static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Gen<double?> AnyNumber = Gen.OneOf(
        Gen.Double[-10, 10], Gen.Double[0, 1e-12], Gen.Double, One(0.3, 1e-20, -1e-20, 1e300, 1e-310, -7e22, 123456789.123456789, 0.07), Gen.Int[0, 3].Select(i => (double)i)).Select(v => (double?)(double.IsFinite(v) ? v : 0));

    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.Int[0, 9999].Select(i => i.ToString("D4", CultureInfo.InvariantCulture)), One("1e5", "+5", " 7", "1.", "-0.5", "12", "true", "5\0", ".", "٣"),
        One("ada@math.org", "alan@bletchley.uk"), One("", "it's", "two\nlines", "\"quoted\"", "back\\slash", "émile", "👩‍🚀 up", "tab\there", "null", "[a]", "{b}", "a, b"),
        Gen.String[Gen.Char['a', 'f'], 1, 6], Gen.String[Gen.Char[' ', '~'], 0, 12]);

    private static readonly Gen<string> Code = Gen.Select(Gen.Char['A', 'F'], Gen.Int[0, 99]).Select((letter, i) => $"{letter}-{i:D2}");

    private static readonly Gen<string> NumberText = One("1e5", "+5", " 7", "7 ", "1.", "-0.5", "12", "007", "-3", "1", "2", "3");

    /// <summary>A column of some kind: numbers of one generator, a few texts often, many texts once, codes, running numbers; with no, few, many or only nulls.</summary>
    private static Gen<TableColumn> Column(string name, int rows) =>
        from kind in Gen.Int[0, 8]
        from nulls in One(0, 0, 0.02, 0.4, 1.0)
        from missing in Gen.Double[0, 1].Array[rows].Select(d => d.Select(x => x < nulls).ToArray())
        from numbers in Gen.OneOf(AnyNumber.Array[rows], AnyNumber.Select(v => Enumerable.Repeat(v, rows).ToArray()))
        from texts in Gen.OneOf(Code.Array[rows], NumberText.Array[rows], AnyText.Array[rows], AnyText.Array[1, 12].SelectMany(few => One(few).Array[rows]))
        from whole in Gen.OneOf(Gen.Long[-5, 5].Array[rows], Gen.Long.Array[rows], Gen.Int[0, 1000].Select(start => Enumerable.Range(start, rows).Select(i => (long)i).ToArray()))
        select Make(name, kind, missing, numbers, texts, whole);

    private static TableColumn Make(string name, int kind, bool[] missing, double?[] numbers, string[] texts, long[] whole)
    {
        switch (kind)
        {
            case 0: return new NumberColumn(name, [.. numbers.Select((v, i) => missing[i] ? double.NaN : v!.Value)], missing);
            case 1: return new IntegerColumn(name, whole, missing);
            case 2: return new BooleanColumn(name, [.. whole.Select(v => v % 2 == 0)], missing);
            case 3: return new TimestampColumn(name, [.. whole.Select(v => new DateTime(2001, 1, 1).AddSeconds(v % 100_000_000).Ticks)], missing);
            default:
                var dictionary = texts.Distinct().ToArray();
                var codes = dictionary.Select((t, i) => (t, i)).ToDictionary(t => t.t, t => t.i);
                return new StringColumn(name, [.. texts.Select((t, i) => missing[i] ? -1 : codes[t])], dictionary, missing);
        }
    }

    private static readonly Gen<Table> AnyTable =
        from rows in Gen.OneOf(Gen.Int[1, 40], Gen.Int[30, 300])
        from columns in Gen.Int[1, 5].SelectMany(count => Gen.Shuffle(Names).SelectMany(names => names.Take(count).Aggregate(Gen.Const(Array.Empty<TableColumn>()), (all, name) =>
            from before in all from column in Column(name, rows) select (TableColumn[])[.. before, column])))
        select new Table(rows, columns);

    [Fact]
    public void ForFile_RandomTables_EverySuggestionHolds()
    {
        var (suggester, made) = (Suggester(fixture.Engine), 0);
        AnyTable.Sample(table =>
        {
            var path = Path.Combine(fixture.Folder, $"{Interlocked.Increment(ref made)}.parquet");
            fixture.Engine.WriteAsync(path, table).GetAwaiter().GetResult();
            var report = suggester.ForFileAsync(path, holdout: 0).GetAwaiter().GetResult();
            var dataset = new DatasetDefinition
            {
                Name = "d", File = "d.yaml", ContractVersion = "", Partition = new PartitionScheme(null, PartitionGrain.Day), Columns = report.Columns, Checks = [.. report.Suggestions.Select(s => s.ToDefinition())],
            };
            var checks = fixture.Engine.InspectAsync([path], dataset).GetAwaiter().GetResult().Checks;
            File.Delete(path);
            return checks.Zip(report.Suggestions).All(c => c.First.Outcome == Outcome.Passed ? true : throw new InvalidOperationException($"{c.Second.Yaml}: {c.First.Outcome} {c.First.Value} {c.First.Message}"));
        }, iter: 100, threads: 1, seed: "0000KOIKT2Q2");
    }

    [Theory, InlineData("flights"), InlineData("weather")]
    public async Task ForFile_EverySampleDrop_EverySuggestionHolds(string sample)
    {
        var suggester = Suggester(fixture.Engine);
        foreach (var drop in Directory.GetFiles(Repository.PathOf($"samples/{sample}/drops")).Order(StringComparer.Ordinal).Where((_, i) => i % 6 == 0))
        {
            var report = await suggester.ForFileAsync(drop, holdout: 0);
            report.Suggestions.Count.ShouldBeGreaterThan(3);
            var parquet = Path.Combine(fixture.Folder, "drop.parquet");
            await fixture.Engine.WriteAsync(parquet, await fixture.Engine.ReadDetectedAsync(drop, Path.GetFileName(drop)));
            var dataset = EngineFixture.Flights with { Columns = report.Columns, Checks = [.. report.Suggestions.Select(s => s.ToDefinition())] };
            (await fixture.Engine.InspectAsync([parquet], dataset)).Checks.Where(c => c.Outcome != Outcome.Passed).Select(c => $"{c.Metric} {c.Value} {c.Expectation}").ShouldBeEmpty();
        }
    }

    // Partitions differ: one has few rows, one most of the repeated keys, one most of the rare words and gaps, and they end at different hours.
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task ForDataset_PartitionsThatDiffer_EverySuggestionHoldsInEach(int seed)
    {
        var random = new Random(seed);
        var days = random.Next(4, 14);
        var csv = "at,key,word,code,amount\n" + string.Concat(Enumerable.Range(0, days).SelectMany(d => Enumerable.Range(0, d == 1 ? 3 : random.Next(30, 120)).Select(i => string.Join(',',
            new DateTime(2001, 1, 1).AddDays(d).AddMinutes(random.Next(0, d == 2 ? 300 : 1439)).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            d == 3 && i % 4 == 0 ? "repeated" : $"k{d}x{i}",
            random.NextDouble() < (d == 3 ? 0.5 : 0.01) ? $"rare{random.Next(0, 9)}" : "ab"[random.Next(0, 2)].ToString(),
            random.NextDouble() < (d == 2 ? 0.6 : 0.1) ? "" : $"A{random.Next(100, 999)}",
            Math.Exp(random.NextDouble() * (d == 1 ? 9 : 3)).ToString("R", CultureInfo.InvariantCulture)) + "\n")));
        var dataset = EngineFixture.Flights with
        {
            Partition = new PartitionScheme("at", PartitionGrain.Day), Checks = [],
            Columns =
            [
                new() { Name = "at", Type = ColumnType.Timestamp, Required = true }, new() { Name = "key", Type = ColumnType.String }, new() { Name = "word", Type = ColumnType.String },
                new() { Name = "code", Type = ColumnType.String }, new() { Name = "amount", Type = ColumnType.Number },
            ],
        };
        using var first = new IngestFixture(dataset);
        await first.IngestAsync("a.csv", csv);
        var report = await Suggester(first.Get<IDataEngine>()).ForDatasetAsync(dataset, await first.History.PartitionsAsync("flights"), first.Objects, holdout: 0);

        var rules = report.Suggestions.Select(s => s.Rule).ToArray();
        rules.ShouldContain("freshness");
        rules.ShouldContain("size");
        rules.ShouldContain("pattern");
        rules.ShouldContain("unique-if-approximately-unique");
        report.Suggestions.Single(s => s is { Rule: "pattern", Column: "code" }).Yaml.ShouldBe("{ check: pattern, column: code, pattern: \"^A[0-9]{3}$\", min: 1, where: \"\\\"code\\\" IS NOT NULL\", severity: warning }"
            .Replace("^A", "^[A-Z]", StringComparison.Ordinal));
        using var second = new IngestFixture(dataset with { Checks = [.. report.Suggestions.Select(s => s.ToDefinition())] });
        var drop = await second.IngestAsync("a.csv", csv);
        drop.Partitions.Count.ShouldBe(days);
        var inspector = second.Get<IDatasetInspector>();
        var answer = await inspector.CheckAsync("flights");
        answer.Partitions.SelectMany(p => p.Checks.Select(c => (p.Key, c))).Where(c => c.c.Outcome is not (Outcome.Passed or Outcome.NotApplicable)).Select(c => $"{c.Key}: {c.c.Metric} {c.c.Value} {c.c.Expectation}").ShouldBeEmpty();
        answer.Partitions.SelectMany(p => p.Checks).Where(c => c.Check == "freshness").ShouldAllBe(c => c.Outcome == Outcome.Passed);
    }

    [Fact]
    public async Task Freshness_OfPartitions_IsTwiceTheLongestAndTried()
    {
        // The newest rows lie 1, 2, 3, 2 hours before the end of their day; the last, which is held out, 9.
        int[] before = [1, 2, 3, 2, 9];
        using var test = new IngestFixture();
        await test.IngestAsync("a.csv", IngestFixture.Header + string.Concat(before.SelectMany((h, d) => Enumerable.Range(0, 40).Select(i =>
            $"{new DateTime(2001, 1, 1).AddDays(d + 1).AddHours(-h).AddMinutes(-i):yyyy-MM-dd HH:mm:ss},{i},{100 + i},SEA,LAX\n"))));
        var suggester = Suggester(test.Get<IDataEngine>());
        var partitions = await test.History.PartitionsAsync("flights");

        var freshness = (await suggester.ForDatasetAsync(EngineFixture.Flights, partitions, test.Objects, holdout: 0.2)).Suggestions.Single(s => s.Check == "freshness");
        freshness.Yaml.ShouldBe("{ check: freshness, column: date, within: 6h, of: end, severity: warning }");
        freshness.Evidence.ShouldBe("the newest row of 4 partitions lies 1 to 3 hours before their end; the limit is twice the longest");
        freshness.Holdout.ShouldBe(new Backtest { Rows = 40, Partitions = 1, Failed = 1, Value = 9 * 3600 });
        freshness.Passed.ShouldBeFalse();

        var good = (await suggester.ForDatasetAsync(EngineFixture.Flights, [.. partitions.Take(4)], test.Objects, holdout: 0.25)).Suggestions.Single(s => s.Check == "freshness");
        good.Holdout.ShouldBe(new Backtest { Rows = 40, Partitions = 1, Failed = 0, Value = 2 * 3600 });
    }

    private static ISuggester Suggester(IDataEngine engine) => new ServiceCollection().AddSuggestions().AddSingleton(engine).BuildServiceProvider().GetRequiredService<ISuggester>();
}
