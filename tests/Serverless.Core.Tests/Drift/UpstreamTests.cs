using Serverless.Datasets;
using Serverless.Drift;

namespace Serverless.Core.Tests.Drift;

public sealed class UpstreamTests
{
    private static double[] Skewed(int seed, int count) => [.. Samples.Uniform((ulong)seed + 1, count).Select(u => 20 - (300 * Math.Log(1 - u)))];

    private static IReadOnlyList<UpstreamChange> Changes(TableColumn reference, TableColumn current) =>
        Detectors.Compare(Samples.Table(reference), Samples.Table(current)).UpstreamChanges;

    private static IReadOnlyList<UpstreamChange> Changes(double[] reference, double[] current) => Changes(Samples.Numbers("x", reference), Samples.Numbers("x", current));

    [Theory]
    [InlineData(1.609344, 0, "multiplied by 1.609 (miles to kilometres?)")]
    [InlineData(60, 0, "multiplied by 60 (minutes to seconds, or hours to minutes?)")]
    [InlineData(0.3048, 0, "multiplied by 0.3048 (feet to metres?)")]
    [InlineData(1.8, 32, "multiplied by 1.8 and shifted by 32 (degrees Celsius to Fahrenheit?)")]
    [InlineData(1, 273.15, "shifted by 273.1 (degrees Celsius to kelvin?)")]
    [InlineData(-1, 0, "multiplied by -1 (the sign turned round?)")]
    [InlineData(1000, 0, "multiplied by 1000 (thousands to ones, kilometres to metres, seconds to milliseconds?)")]
    public void Unit_KnownConversion_IsNamedInNearlyEverySeed(double factor, double offset, string words)
    {
        var named = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var (reference, current) = offset == 0 ? (Skewed(seed, 1200), Skewed(seed + 500, 800)) : (Samples.Normal(seed, 1200, 12, 8), Samples.Normal(seed + 500, 800, 12, 8));
            if (Changes(reference, [.. current.Select(v => (factor * v) + offset)]) is not [var change]) continue;
            change.Kind.ShouldBe(UpstreamKind.Unit);
            change.Message.ShouldStartWith($"values look {words}: the median was ");
            change.Factor!.Value.ShouldBe(factor, 1e-9);
            change.Offset!.Value.ShouldBe(offset, 1e-9);
            named++;
        }

        named.ShouldBeGreaterThanOrEqualTo(19);
    }

    [Fact]
    public void Unit_RoundedToWholeNumbersAfterwards_IsStillFound()
    {
        long[] miles = [.. Skewed(1, 3000).Select(v => (long)v)], kilometres = [.. Skewed(2, 3000).Select(v => (long)Math.Round((long)v * 1.609344))];
        var change = Changes(Samples.Integers("distance", miles), Samples.Integers("distance", kilometres)).ShouldHaveSingleItem();
        change.Factor.ShouldBe(1.609344);
    }

    [Fact]
    public void Unit_UnknownFactor_IsMeasured()
    {
        var change = Changes(Skewed(1, 3000), [.. Skewed(2, 3000).Select(v => v * 15)]).ShouldHaveSingleItem();
        change.Factor!.Value.ShouldBe(15, 0.75);
        change.Offset.ShouldBe(0);
        change.Message.ShouldNotContain("?");
    }

    // Real rain has a long tail and other years are other years: which of two near conversions it was is told by the decimals of the values taken back.
    [Fact]
    public void Unit_ValuesGoBackToTheirDecimals_TellsNearConversionsApart()
    {
        double[] Rain(int seed) => [.. Skewed(seed, 700).Select(v => Math.Round(v / 30, 1))];
        var change = Changes(Rain(1), [.. Rain(2).Select(v => 1.15 * v).Select(v => Math.Round(v, 1) / 25.4)]).ShouldHaveSingleItem();
        change.Message.ShouldStartWith("values look multiplied by 0.03937 (millimetres to inches?)");
    }

    // Another shape is no conversion, however far away.
    [Fact]
    public void Unit_AnotherShape_IsNotNamed()
    {
        for (var seed = 0; seed < 50; seed++) Changes(Skewed(seed, 500), Samples.Normal(seed, 500, 900, 30)).ShouldNotContain(c => c.Kind == UpstreamKind.Unit);
    }

    [Fact]
    public void AnyRule_OneDistribution_IsSilentInFourHundredRuns()
    {
        string[] names = [.. Enumerable.Range(0, 40).Select(i => $"n{i}")];
        List<string> alarms = [];
        for (var seed = 0; seed < 400; seed++)
        {
            // Zipf-like categories, so that rare ones come and go.
            Table Make(int salt) => Samples.Table(
                Samples.Numbers("skewed", Skewed(seed + salt, 300)),
                Samples.Numbers("rounded", [.. Skewed((2 * seed) + salt, 300).Select(v => Math.Round(v, 1))]),
                Samples.Integers("small", [.. Samples.Uniform((ulong)(seed + salt) + 77, 300).Select(u => (long)(u * 30))]),
                new StringColumn("category", [.. Samples.Uniform((ulong)(seed + salt) + 99, 300).Select(u => (int)(40 * u * u * u))], names, null),
                new TimestampColumn("at", [.. Samples.Uniform((ulong)(seed + salt) + 55, 300).Select(u => (long)(u * TimeSpan.FromDays(30).Ticks))], null));
            foreach (var change in Detectors.Compare(Make(0), Make(50_000), new DriftSettings { Threads = 1 }).UpstreamChanges) alarms.Add($"seed {seed}: {change.Column}: {change.Message}");
        }

        alarms.Count.ShouldBeLessThanOrEqualTo(8, string.Join('\n', alarms)); // 0.4 % of 2,000 columns
    }

    [Fact]
    public void NotFilled_PartlyAndWholly_IsSaid()
    {
        var filled = Samples.Numbers("x", Skewed(1, 400));
        var half = Samples.Numbers("x", [.. Skewed(2, 400).Select((v, i) => i % 2 == 0 ? double.NaN : v)]);
        var never = Samples.Numbers("x", [.. Enumerable.Repeat(double.NaN, 400)]);

        Changes(filled, half).ShouldHaveSingleItem().Message.ShouldBe("the column is filled in 50 % of the rows; in the reference in 100 %.");
        var stopped = Changes(filled, never).ShouldHaveSingleItem();
        stopped.Message.ShouldBe("the column stopped being filled: no row has a value; in the reference 100 % had one.");
        stopped.Kind.ShouldBe(UpstreamKind.NotFilled);
        Changes(half, filled).ShouldBeEmpty();
    }

    [Fact]
    public void Categories_NewAndVanished_AreNamedWithTheirShares()
    {
        var reference = Samples.Strings("line", [.. Enumerable.Range(0, 200).Select(i => i % 4 == 0 ? "red" : i % 4 == 1 ? "green" : "blue")]);
        var current = Samples.Strings("line", [.. Enumerable.Range(0, 200).Select(i => i % 4 == 0 ? "violet" : i % 4 == 1 ? "green" : "blue")]);

        var changes = Changes(reference, current);

        changes.Select(c => c.Kind).ShouldBe([UpstreamKind.NewCategories, UpstreamKind.VanishedCategories]);
        changes[0].Message.ShouldBe("new category: 'violet' (25 %), 25 % of the current rows together.");
        changes[0].Values.ShouldBe(["violet"]);
        changes[1].Message.ShouldBe("vanished category: 'red' (25 %), 25 % of the reference together.");
        changes[1].Share.ShouldBe(0.25);
    }

    [Fact]
    public void Spelling_OtherCaseAndBlanks_IsNoNewCategory()
    {
        var reference = Samples.Strings("line", [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? "Red" : "Green")]);
        var current = Samples.Strings("line", [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? " red" : "GREEN ")]);

        var change = Changes(reference, current).ShouldHaveSingleItem();

        change.Kind.ShouldBe(UpstreamKind.Spelling);
        change.Message.ShouldBe("2 categories are written otherwise, such as ' red' for 'Red': 100 % of the current rows.");
    }

    [Fact]
    public void Precision_RoundedOrNoLonger_IsSaid()
    {
        var fine = Skewed(1, 500);
        double[] rough = [.. Skewed(2, 500).Select(v => Math.Round(v / 10) * 10)];

        Changes(fine, rough).ShouldHaveSingleItem().Message.ShouldBe("values are multiples of 10; in the reference they are numbers with more than 4 decimals (rounded now?)");
        Changes([.. fine.Select(v => Math.Round(v, 2))], [.. Skewed(3, 500).Select(Math.Floor)]).ShouldHaveSingleItem().Message
            .ShouldBe("values are whole numbers; in the reference they are numbers with 2 decimals (rounded now?)");
        Changes(rough, fine).ShouldHaveSingleItem().Kind.ShouldBe(UpstreamKind.Precision);
    }

    [Fact]
    public void TimeZone_HoursTurned_IsSaid()
    {
        TimestampColumn Rush(ulong seed, int hours) => new("at", [.. Samples.Uniform(seed, 1000).Select((u, i) =>
            new DateTime(2024, 1, 1).AddDays(i % 40).AddHours(8 + (4 * u * u) + hours).Ticks)], null);

        var change = Changes(Rush(1, 0), Rush(2, 5)).ShouldHaveSingleItem();

        change.Message.ShouldBe("times of day look shifted by 5 hours (another time zone?)");
        Changes(Rush(1, 0), Rush(3, 0)).ShouldBeEmpty();
    }

    [Fact]
    public void Columns_OnOneSideOnly_AreNamed()
    {
        var report = Detectors.Compare(
            Samples.Table(Samples.Numbers("a", 1, 2, 3), Samples.Numbers("gone", 1, 2, 3)), Samples.Table(Samples.Numbers("a", 1, 2, 3), Samples.Numbers("fresh", 1, 2, 3)));

        report.OnlyInReference.ShouldBe(["gone"]);
        report.OnlyInCurrent.ShouldBe(["fresh"]);
        report.UpstreamChanges.Select(c => c.Message).ShouldBe(["'gone' is in the reference and not in the current data.", "'fresh' is in the current data and not in the reference."]);
    }
}
