using Serverless.Datasets;
using Serverless.Suggestions;
using Serverless.Suggestions.Rules;

namespace Serverless.Core.Tests.Suggestions;

public sealed class RuleTests
{
    // Deequ, WaldIntervalStrategy: c - 1.96 sqrt(c (1 - c) / n), cut off after two decimals.
    [Theory]
    [InlineData(0.625, 16, 0.38)]
    [InlineData(0.75, 16, 0.53)]
    [InlineData(1.0, 20, 1.0)]
    [InlineData(0.9, 100, 0.84)]
    public void Wald_AsDeequ(double share, int count, double expected) => Proportion.WaldLower(share, count).ShouldBe(expected);

    // Deequ, IntervalStrategyTest (rounded there, cut off here: 0.5 and 0.4 of 100 are 0.4038 and 0.3094; 0.8256 and 0.9630 for 0.9 and 1).
    [Theory]
    [InlineData(0.01, 20, 0.00)]
    [InlineData(1.0, 20, 0.83)]
    [InlineData(0.5, 100, 0.40)]
    [InlineData(0.4, 100, 0.30)]
    [InlineData(0.6, 100, 0.50)]
    [InlineData(0.9, 100, 0.82)]
    [InlineData(1.0, 100, 0.96)]
    public void Wilson_AsDeequ(double share, int count, double expected) => Proportion.WilsonLower(share, count).ShouldBe(expected);

    // REFERENCE: Wilson 95 % of 120/1000 (.1012992606, .1416090758).
    [Fact]
    public void Wilson_Of120In1000_IsTheReferences() => Proportion.Wilson(0.12, 1000).ShouldBe(0.1012992606, 1e-10);

    [Fact]
    public void Completeness_FullOrInPart_IsRetained()
    {
        var full = new CompleteIfComplete().Suggest(Texts(Repeat("a", 1000))).ShouldHaveSingleItem();
        (full.Check, full.Column, full.Min).ShouldBe(("completeness", "c", 1.0));
        full.Evidence.ShouldBe("filled in all 1,000 rows; so at least 99.6173 % of all rows are, at 95 %");

        var part = new RetainCompleteness().Suggest(Texts([.. Repeat("a", 10), .. Repeat(null, 6)])).ShouldHaveSingleItem();
        part.Min.ShouldBe(0.38); // statsmodels.proportion_confint(10, 16, method='wilson')[0] = 0.3864
        part.Evidence.ShouldBe("filled in 10 of 16 rows (62.5 %); the limit is the lower end of Wilson's 95 % interval");

        new RetainCompleteness().Suggest(Texts([.. Repeat("a", 2), .. Repeat(null, 8)])).ShouldBeEmpty(); // 20 %: not above the least
        new CompleteIfComplete().Suggest(Texts(Repeat("a", 10)) with { Column = Column(ColumnType.String) with { Required = true } }).ShouldBeEmpty();
    }

    [Fact]
    public void Completeness_OfSeveralPartitions_GoesByTheWorst()
    {
        var sample = Texts([.. Repeat("a", 190), .. Repeat(null, 10)]) with { Parts = [(100, 100), (100, 90)] };

        var suggestion = new RetainCompleteness().Suggest(sample).ShouldHaveSingleItem();

        suggestion.Min.ShouldBe(0.82);
        suggestion.Evidence.ShouldContain("90 % in the worst of 2 partitions");
    }

    // Deequ, ConstraintRulesTest: of 11 values one occurs once (0.09), of 4 three do.
    [Fact]
    public void Categories_NearlyNoneOccursOnce_AreAList()
    {
        var list = new CategoricalRange().Suggest(Texts([.. "abdefghijk".SelectMany(v => Repeat(v.ToString(), 4)), "c", "b"])).ShouldHaveSingleItem();
        list.Values.ShouldBe(["b", "a", "d", "e", "f", "g", "h", "i", "j", "k", "c"]);
        (list.Check, list.Min).ShouldBe(("containment", 1.0));

        new CategoricalRange().Suggest(Texts([.. Repeat("a", 17), "b", "c", "d"])).ShouldBeEmpty();
        new CategoricalRange().Suggest(Numbers([.. Enumerable.Range(0, 60).Select(i => (long?)(i % 2))])).ShouldHaveSingleItem().Values.ShouldBe(["0", "1"]);
        new CategoricalRange().Suggest(Texts([.. Enumerable.Range(0, 121).SelectMany(i => Repeat($"v{i}", 3))])).ShouldBeEmpty();
    }

    [Fact]
    public void Categories_WithATail_AreAListForMost()
    {
        var suggestion = new FractionalCategoricalRange().Suggest(Texts([.. Repeat("a", 60), .. Repeat("b", 35), .. Repeat("c", 3), "d", "e"])).ShouldHaveSingleItem();

        suggestion.Values.ShouldBe(["a", "b"]);
        suggestion.Min.ShouldBe(0.88); // Wilson of 95 in 100: 0.8882
        new FractionalCategoricalRange().Suggest(Texts([.. Repeat("a", 17), "b", "c", "d"])).ShouldBeEmpty();
    }

    [Fact]
    public void Numbers_NonNegativeOrInARange()
    {
        long?[] values = [.. Enumerable.Range(0, 400).Select(i => (long?)(i % 200))];

        new NonNegativeNumbers().Suggest(Numbers(values)).ShouldHaveSingleItem().Min.ShouldBe(0);
        new NonNegativeNumbers().Suggest(Numbers([.. values.Append(-1)])).ShouldBeEmpty();
        new NonNegativeNumbers().Suggest(Numbers(values) with { Column = Column(ColumnType.Integer) with { Min = 0 } }).ShouldBeEmpty();
        new NumberRange().Suggest(Numbers(values)).Select(s => (s.Check, s.Min, s.Max)).ShouldBe([("max", null, 220.0)]);
        new NumberRange().Suggest(Numbers([.. values.Select(v => v - 100)])).Select(s => (s.Check, s.Min, s.Max)).ShouldBe([("min", -120.0, null), ("max", null, 120.0)]);
        new NumberRange().Suggest(Numbers([.. Enumerable.Range(0, 400).Select(i => (long?)i)])).ShouldBeEmpty(); // a running number
    }

    [Fact]
    public void Numbers_WithAHeavyTail_HaveALimitOnlyFromManyPartitions()
    {
        var sample = Numbers([.. Enumerable.Range(0, 1000).Select(i => (long?)(i % 200)), 5000, 5000]);

        new NumberRange().Suggest(sample).ShouldBeEmpty();
        new NumberRange().Suggest(sample with { Parts = [.. Enumerable.Repeat((100L, 100L), 10)] }).ShouldHaveSingleItem().Max.ShouldBe(7500);
    }

    [Fact]
    public void Unique_Values_AreAKeyAndNearlyUniqueOnesNearly()
    {
        new UniqueIfUnique().Suggest(Texts([.. Enumerable.Range(0, 100).Select(i => $"k{i}")])).ShouldHaveSingleItem().Min.ShouldBe(1);
        new UniqueIfUnique().Suggest(Texts([.. Enumerable.Range(0, 100).Select(i => $"k{i % 95}")])).ShouldHaveSingleItem().Min.ShouldBe(0.82); // 90 of 100 occur once
        new UniqueIfUnique().Suggest(Texts([.. Enumerable.Range(0, 100).Select(i => $"k{i % 91}")])).ShouldBeEmpty();
        new UniqueIfUnique().Suggest(Texts([.. Enumerable.Range(0, 100).Select(i => $"k{i}"), null])).ShouldBeEmpty();
        new UniqueIfUnique().Suggest(Texts([.. Enumerable.Range(0, 19).Select(i => $"k{i}")])).ShouldBeEmpty();
    }

    [Fact]
    public void Text_HasAShapeOrALength()
    {
        string?[] codes = [.. Enumerable.Range(0, 40).Select(i => $"{(char)('A' + (i % 20))}{(char)('B' + (i % 11))}X")];
        string?[] words = [.. Enumerable.Range(1, 40).Select(i => new string('x', i) + (i % 2 == 0 ? " y" : ""))];

        new TextPattern().Suggest(Texts(codes)).ShouldHaveSingleItem().Pattern.ShouldBe("^[A-Z]{3}$");
        new TextLength().Suggest(Texts(codes)).ShouldBeEmpty();
        new TextPattern().Suggest(Texts(words)).ShouldBeEmpty();
        new TextLength().Suggest(Texts(words)).Select(s => (s.Check, s.Min, s.Max)).ShouldBe([("min-length", 1.0, null), ("max-length", null, 53.0)]);
    }

    // Deequ's expressions, not .NET's parsers: 1e5 and " 7" are text to the check, so nothing is said of them; blanks and digits of other scripts neither.
    [Theory]
    [InlineData("integral", "1", "-2", "+30", "- 4")]
    [InlineData("numeric", "1", "2.5", "-.5", "7.")]
    [InlineData("boolean", "true", "false")]
    [InlineData(null, "1", "1e5")]
    [InlineData(null, "1", "7 ")]
    [InlineData(null, "1", "٣")]
    [InlineData(null, "true", "False")]
    [InlineData(null, "1", "true")]
    public void Texts_ThatAllReadAsAType_KeepIt(string? type, params string[] texts)
    {
        var suggested = new RetainType().Suggest(Texts([.. Enumerable.Range(0, 60).Select(i => i % 5 == 4 ? null : texts[i % texts.Length])])).ToArray();
        if (type is null) suggested.ShouldBeEmpty();
        else suggested.ShouldHaveSingleItem().Yaml.ShouldBe($"{{ check: data-type, column: c, type: {type}, min: 1, severity: warning }}");
    }

    [Theory]
    [InlineData("^[A-Z]{3}$", "ABE", "YAK", "JFK")]
    [InlineData("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2001-01-05", "1999-12-31")]
    [InlineData("^[a-z]+@[a-z]+\\.[a-z]+$", "ada@math.org", "alan@bletchley.uk")]
    [InlineData("^[A-Z]{2}[0-9]+$", "AB1", "XY123")]
    [InlineData("^[A-Za-z]{3}$", "aBc", "Abc")]
    [InlineData("^[A-Za-z0-9]{4}$", "a1b2", "12ab")]
    [InlineData("^\\+[0-9]{2} \\([0-9]\\)$", "+49 (0)", "+33 (1)")]
    [InlineData(null, "word", "other words")]
    [InlineData(null, "abc", "de")]
    [InlineData(null, "abc", "")]
    [InlineData(null, "Zürich", "Genève")]
    public void Shape_OfTexts_IsOneAnchoredPattern(string? expected, params string[] texts)
    {
        Shape.Learn(texts).ShouldBe(expected);
        if (expected is not null) texts.ShouldAllBe(t => System.Text.RegularExpressions.Regex.IsMatch(t, expected));
    }

    private static string?[] Repeat(string? value, int count) => [.. Enumerable.Repeat(value, count)];

    private static ColumnDefinition Column(ColumnType type) => new() { Name = "c", Type = type };

    private static ColumnSample Texts(string?[] values)
    {
        var dictionary = values.OfType<string>().Distinct().ToArray();
        var column = new StringColumn("c", [.. values.Select(v => v is null ? -1 : Array.IndexOf(dictionary, v))], dictionary, [.. values.Select(v => v is null)]);
        return ColumnSample.Of(Column(ColumnType.String), column, [.. Enumerable.Range(0, values.Length)], [(0, values.Length)]);
    }

    private static ColumnSample Numbers(long?[] values)
    {
        var column = new IntegerColumn("c", [.. values.Select(v => v ?? 0)], [.. values.Select(v => v is null)]);
        return ColumnSample.Of(Column(ColumnType.Integer), column, [.. Enumerable.Range(0, values.Length)], [(0, values.Length)]);
    }
}
