using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Problems;

namespace Serverless.Core.Tests.Drift;

public sealed class DriftDetectorTests
{
    [Theory]
    [InlineData(1000, "ks", "chi2", "z", "z")]
    [InlineData(1001, "wasserstein", "js", "js", "js")]
    public void Auto_SmallAndLargeReference_ChoosesTheFieldsDefaults(int rows, string number, string category, string flag, string two)
    {
        Table Make(ulong seed) => Samples.Table(
            Samples.Numbers("number", Samples.Uniform(seed, rows)),
            new StringColumn("category", [.. Samples.Uniform(seed + 9, rows).Select(u => (int)(u * 3))], ["a", "b", "c"], null),
            new BooleanColumn("flag", [.. Samples.Uniform(seed + 8, rows).Select(u => u < 0.5)], null),
            Samples.Integers("two", [.. Samples.Uniform(seed + 7, rows).Select(u => u < 0.5 ? 0L : 1)]));

        var report = Detectors.Compare(Make(1), Make(2));

        report.Columns.Select(c => c.Method).ShouldBe([number, category, flag, two]);
        report.Columns.ShouldAllBe(c => c.Threshold == (rows > 1000 ? 0.1 : 0.05));
        report.Drifted.ShouldBeFalse();
        report.ShareThreshold.ShouldBe(0.5);
    }

    [Fact]
    public void Compare_OneOfTwoColumnsShifted_TheDatasetDriftsAtHalf()
    {
        Table Make(int seed, double shift) => Samples.Table(Samples.Numbers("a", Samples.Normal(seed, 200)), Samples.Numbers("b", Samples.Normal(seed + 1, 200, shift)));

        var report = Detectors.Compare(Make(3, 0), Make(30, 2));

        report.Columns.Select(c => c.Drifted).ShouldBe([false, true]);
        report.Share.ShouldBe(0.5);
        report.Drifted.ShouldBeTrue();
        Detectors.Compare(Make(3, 0), Make(30, 2), new DriftSettings { Share = 0.6 }).Drifted.ShouldBeFalse();
    }

    // whylogs: above 0.15 none, down to 0.05 possible, below drift. Effect sizes: possible from half the threshold on.
    [Theory]
    [InlineData(0.16, DriftSeverity.None)]
    [InlineData(0.15, DriftSeverity.Possible)]
    [InlineData(0.05, DriftSeverity.Possible)]
    [InlineData(0.049, DriftSeverity.Drift)]
    public void Severity_OfPValues_HasWhylogsBands(double p, DriftSeverity severity) => DriftVerdicts.OfPValue(p, 0.05).ShouldBe(severity);

    [Theory]
    [InlineData(0.04, DriftSeverity.None)]
    [InlineData(0.05, DriftSeverity.Possible)]
    [InlineData(0.1, DriftSeverity.Drift)]
    public void Severity_OfEffects_IsPossibleFromHalfTheThreshold(double effect, DriftSeverity severity) => DriftVerdicts.OfEffect(effect, 0.1).ShouldBe(severity);

    [Fact]
    public void Threshold_OfTheCaller_IsUsedAndReported()
    {
        var column = Detectors.Compare(Samples.Table(Samples.Numbers("x", Samples.A)), Samples.Table(Samples.Numbers("x", Samples.C)), new DriftSettings { Method = "ks", Threshold = 0.1 }).Columns.Single();
        column.Threshold.ShouldBe(0.1);
        column.Drifted.ShouldBeTrue();
        column.Expectation.ShouldBe("p of ks(x) below 0.1");
    }

    [Fact]
    public void Correction_OverColumnsWithPValues_IsReportedBesideThem()
    {
        Table Make(int seed, double shift) => Samples.Table([.. Enumerable.Range(0, 5).Select(c => Samples.Numbers($"c{c}", Samples.Normal(seed + c, 100, c == 0 ? shift : 0)))]);

        var report = Detectors.Compare(Make(100, 0), Make(200, 0.8), new DriftSettings { Method = "ks", Correction = PValueCorrection.Bonferroni });

        report.CorrectedTests.ShouldBe(5);
        foreach (var column in report.Columns) column.AdjustedPValue!.Value.ShouldBe(Math.Min(1, 5 * column.PValue!.Value), 1e-12);
        report.Columns[0].Drifted.ShouldBeTrue();
        report.Columns[0].Expectation.ShouldBe("corrected p of ks(c0) below 0.05");
        Detectors.Compare(Make(100, 0), Make(200, 0.8), new DriftSettings { Method = "wasserstein", Correction = PValueCorrection.Bonferroni }).CorrectedTests.ShouldBe(0);
    }

    [Theory]
    [InlineData("ks"), InlineData("cvm"), InlineData("wasserstein"), InlineData("energy"), InlineData("moments"), InlineData("chi2"), InlineData("js"), InlineData("psi"), InlineData("kl")]
    [InlineData("hellinger"), InlineData("tv"), InlineData("z"), InlineData("auto")]
    public void Constants_TheSameOnBothSides_DoNotDrift(string method)
    {
        var column = Detectors.Numbers([5, 5, 5, 5], [5, 5, 5], method);
        column.Drifted.ShouldBeFalse();
        column.Severity.ShouldBe(DriftSeverity.None);
        if (method != "cvm") column.Statistic!.Value.ShouldBe(0); // T with ties has no 0
    }

    [Theory, InlineData("ks"), InlineData("wasserstein"), InlineData("js"), InlineData("chi2"), InlineData("auto")]
    public void Constants_Different_Drift(string method) => Detectors.Numbers([.. Enumerable.Repeat(5.0, 50)], [.. Enumerable.Repeat(6.0, 40)], method).Drifted.ShouldBeTrue();

    // One against many: exact p-values exist down to one value. SciPy 1.10.1: ks_2samp([0.5], range(10)).
    [Fact]
    public void OneRow_AgainstTen_IsCompared()
    {
        var column = Detectors.Numbers([0.5], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "ks");
        column.Statistic!.Value.ShouldBe(0.9, 1e-12);
        column.PValue!.Value.ShouldBe(0.36363636363636365, 1e-12);
        foreach (var method in Detectors.Catalogue.Methods.Where(m => m.Name != "z")) double.IsFinite(Detectors.Numbers([0.5], [1.5], method.Name).Statistic!.Value).ShouldBeTrue(method.Name);
    }

    [Fact]
    public void Missing_NaNNullAndInfinities_AreLeftOutAndCompared()
    {
        double[] values = Samples.Normal(1, 300), others = Samples.Normal(2, 300);
        var clean = Detectors.Numbers(values, others, "ks");
        double[] holed = [.. others, .. Enumerable.Repeat(double.NaN, 100), double.PositiveInfinity];

        var column = Detectors.Numbers(values, holed, "ks");

        column.Statistic.ShouldBe(clean.Statistic);
        column.PValue.ShouldBe(clean.PValue);
        column.Missing.Reference.ShouldBe(0);
        column.Missing.Current.ShouldBe(101 / 401.0, 1e-12);
        column.Missing.Drifted.ShouldBeTrue();
        column.Drifted.ShouldBeTrue();
        clean.Drifted.ShouldBeFalse();
    }

    [Fact]
    public void Missing_AFewMore_IsNoDrift()
    {
        var column = Detectors.Numbers(Samples.Normal(1, 300), [.. Samples.Normal(2, 299), double.NaN], "ks");
        column.Missing.Drifted.ShouldBeFalse();
        column.Drifted.ShouldBeFalse();
    }

    [Fact]
    public void AllNull_OnOneSideOrBoth_IsNotApplicableWithItsReason()
    {
        double[] none = [.. Enumerable.Repeat(double.NaN, 100)];

        var stopped = Detectors.Numbers(Samples.Normal(1, 100), none);
        stopped.NotApplicable.ShouldBe("no current row has a value");
        stopped.Statistic.ShouldBeNull();
        stopped.Drifted.ShouldBeTrue();

        var never = Detectors.Numbers(none, none);
        never.NotApplicable.ShouldBe("no row has a value, on either side");
        never.Drifted.ShouldBeFalse();
        Detectors.Compare(Samples.Table(Samples.Numbers("x", none)), Samples.Table(Samples.Numbers("x", none))).Drifted.ShouldBeFalse();
    }

    [Fact]
    public void UnseenCategory_OnEitherSide_CountsAsACategory()
    {
        // scipy.stats.chi2_contingency([[5, 5, 0], [5, 0, 5]])
        var column = Detectors.Column(Samples.Strings("x", [.. Five("a"), .. Five("b")]), Samples.Strings("x", [.. Five("a"), .. Five("c")]), "chi2");
        column.Statistic!.Value.ShouldBe(10, 1e-12);
        column.PValue!.Value.ShouldBe(0.006737946999085469, 1e-12);

        static IEnumerable<string> Five(string label) => Enumerable.Repeat(label, 5);
    }

    [Fact]
    public void Text_IsComparedByLengthWordsAndLetters()
    {
        StringColumn Make(ulong seed, int words) => Samples.Strings("comment", [.. Samples.Uniform(seed, 300).Select((u, i) =>
            string.Join(' ', Enumerable.Range(0, words + (int)(u * 4)).Select(k => $"word{(char)('a' + (i % 26))}{i * 7 % 13}")) + i)]);

        var column = Detectors.Column(Make(1, 3), Make(2, 9));

        column.Type.ShouldBe("text");
        column.Drifted.ShouldBeTrue();
        column.Parts!.Select(p => p.Name).ShouldBe(["length(comment)", "words(comment)", "nonletters(comment)"]);
        column.PValue!.Value.ShouldBe(Math.Min(1, 3 * column.Parts!.Min(p => p.PValue!.Value)), 1e-12);
        Detectors.Column(Make(1, 3), Make(2, 3)).Drifted.ShouldBeFalse();
    }

    [Fact]
    public void Timestamps_LaterInTimeAlone_DoNotDrift()
    {
        TimestampColumn Make(int day, ulong seed, double start) => new("at", [.. Samples.Uniform(seed, 900).Select((u, i) =>
            new DateTime(2024, 1, 1).AddDays(day + (i % 35)).AddHours(start + (8 * u)).Ticks)], null);

        var later = Detectors.Column(Make(0, 1, 8), Make(100, 2, 8));
        later.Drifted.ShouldBeFalse();
        later.Parts!.Select(p => (p.Name, p.NotApplicable is null)).ShouldBe([("instant(at)", false), ("hour(at)", true), ("weekday(at)", true)]);
        Detectors.Column(Make(0, 1, 8), Make(100, 2, 13)).Drifted.ShouldBeTrue();
    }

    [Fact]
    public void Timestamps_OneDayEach_SayWhatCannotBeCompared()
    {
        TimestampColumn Make(int day) => new("at", [.. Enumerable.Range(0, 50).Select(i => new DateTime(2024, 1, day).AddMinutes(i).Ticks)], null);
        var column = Detectors.Column(Make(1), Make(2));
        column.NotApplicable.ShouldBe("instant(at): most current times lie outside the reference's span, as time passes; hour(at): less than a day on one side; weekday(at): less than four weeks on one side");
        column.Drifted.ShouldBeFalse();
    }

    [Fact]
    public void Compare_TypesThatDiffer_NamesEveryColumnAndBothTypes()
    {
        var reference = Samples.Table(Samples.Numbers("a", 1, 2), Samples.Strings("b", "x", "y"), Samples.Integers("c", 1, 2));
        var current = Samples.Table(Samples.Strings("a", "1", "2"), Samples.Integers("b", 1, 2), Samples.Numbers("c", 1, 2));

        var error = Should.Throw<DataException>(() => Detectors.Compare(reference, current));

        error.Message.ReplaceLineEndings("\n").ShouldBe("column 'a' is number in the reference and string in the current data.\n"
            + "column 'b' is string in the reference and integer in the current data.\nMake the types equal, or name the columns to compare with --columns.");
    }

    [Fact]
    public void Compare_ColumnWithoutValues_AgreesWithAnyType()
    {
        var column = Detectors.Column(Samples.Numbers("a", Samples.Normal(1, 100)), Samples.Strings("a", new string?[100]));
        column.Type.ShouldBe("number");
        column.NotApplicable.ShouldBe("no current row has a value");
    }

    [Fact]
    public void Compare_NothingToCompare_IsAClearError()
    {
        var some = Samples.Table(Samples.Numbers("a", 1, 2));
        Should.Throw<DataException>(() => Detectors.Compare(Samples.Table(Samples.Numbers("a")), some)).Message.ShouldBe("the reference has no rows: there is nothing to compare with.");
        Should.Throw<DataException>(() => Detectors.Compare(some, Samples.Table(Samples.Numbers("a")))).Message.ShouldBe("the current data has no rows: there is nothing to compare.");
        Should.Throw<DataException>(() => Detectors.Compare(some, Samples.Table(Samples.Numbers("b", 1)))).Message
            .ShouldBe("the reference and the current data have no column in common: a against b.");
    }

    [Theory]
    [InlineData("kss", null, "there is no drift method 'kss'. Did you mean 'ks'?")]
    [InlineData("ks", 1.5, "the threshold of 'ks' is a p-value between 0 and 1, not 1.5.")]
    [InlineData("js", -1.0, "a threshold is a number above 0, not -1.")]
    public void Compare_SettingsThatMakeNoSense_AreRefused(string method, double? threshold, string message)
    {
        var some = Samples.Table(Samples.Numbers("a", 1, 2));
        Should.Throw<RequestException>(() => Detectors.Compare(some, some, new DriftSettings { Method = method, Threshold = threshold })).Message.ShouldBe(message);
    }

    [Fact]
    public void Compare_ColumnThatNobodyHas_SaysWhatWasMeant()
    {
        var some = Samples.Table(Samples.Numbers("delay", 1, 2));
        Should.Throw<RequestException>(() => Detectors.Compare(some, some, new DriftSettings { Columns = ["delya"] })).Message
            .ShouldBe("neither the reference nor the current data has a column 'delya'. Did you mean 'delay'?");
    }

    [Fact]
    public void Compare_MethodThatDoesNotFit_IsRefusedWhenAskedForAndSkippedOtherwise()
    {
        var some = Samples.Table(Samples.Numbers("delay", 1, 2), Samples.Strings("origin", "a", "b"));

        Should.Throw<RequestException>(() => Detectors.Compare(some, some, new DriftSettings { Method = "ks", Columns = ["origin"] })).Message
            .ShouldBe("method 'ks' compares numbers; column 'origin' is string. Methods for it: auto, chi2, js, psi, hellinger, kl, tv, z.");
        var report = Detectors.Compare(some, some, new DriftSettings { Method = "ks" });
        report.Columns[1].NotApplicable.ShouldBe("'ks' compares numbers");
        report.Share.ShouldBe(0);
    }

    [Fact]
    public void Bins_OfNumbers_AreDecilesOfTheReferenceOrTheValuesThemselves()
    {
        var few = Detectors.Numbers([1, 2, 2, 3], [2, 3, 9, 9], "tv");
        few.Rule.ShouldBe("each different number is a bin; from 0 to 1");
        few.Statistic!.Value.ShouldBe(0.5, 1e-12);

        double[] reference = [.. Enumerable.Range(1, 100)];
        var many = Detectors.Numbers(reference, [.. Enumerable.Repeat(1000.0, 50)], "tv");
        many.Rule.ShouldBe("10 bins between the deciles of the reference; from 0 to 1");
        many.Statistic!.Value.ShouldBe(0.9, 1e-12);
    }

    [Fact]
    public void Compare_AnyNumberOfThreads_GivesTheSameReport()
    {
        Table Make(int seed) => Samples.Table([.. Enumerable.Range(0, 70).Select(c => Samples.Numbers($"c{c}", Samples.Normal(seed + c, 50)))]);
        string Report(int threads) => System.Text.Json.JsonSerializer.Serialize(Detectors.Compare(Make(1), Make(900), new DriftSettings { Threads = threads, Correction = PValueCorrection.Bh }), ServerlessJson.Options);
        Report(4).ShouldBe(Report(1));
    }
}
