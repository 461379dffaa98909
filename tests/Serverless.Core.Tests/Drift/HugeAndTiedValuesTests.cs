using Serverless.Datasets;
using Serverless.Drift;
using Serverless.Drift.Statistics;

namespace Serverless.Core.Tests.Drift;

/// <summary>Values whose squares are no numbers, constants, and single values: the verdict is that of the same values in another unit.</summary>
public sealed class HugeAndTiedValuesTests
{
    private const double Huge = 3e307;

    [Theory]
    [InlineData("wasserstein"), InlineData("energy"), InlineData("moments"), InlineData("ks"), InlineData("cvm"), InlineData("js"), InlineData("auto")]
    public void Compare_ValuesWhoseSquaresOverflow_DriftsAsInAnotherUnit(string method)
    {
        var (a, b) = (Normal(1, 1_200, 0), Normal(2, 1_200, 0.5));

        var plain = Detectors.Numbers(a, b, method);
        var huge = Detectors.Numbers([.. a.Select(v => v * Huge)], [.. b.Select(v => v * Huge)], method);
        var alike = Detectors.Numbers([.. a.Select(v => v * Huge)], [.. Normal(3, 1_200, 0).Select(v => v * Huge)], method);

        huge.Drifted.ShouldBeTrue();
        alike.Drifted.ShouldBeFalse();
        double.IsFinite(huge.Statistic!.Value).ShouldBeTrue();
        (huge.Normalised ?? huge.Statistic)!.Value.ShouldBe((plain.Normalised ?? plain.Statistic)!.Value, 1e-9);
    }

    [Fact]
    public void Mmd_ValuesWhoseSquaresOverflow_SeesTheDrift()
    {
        var (a, b) = (Normal(1, 400, 0), Normal(2, 400, 1));
        var report = Detectors.Compare(Of(a), Of(b), new DriftSettings { Method = "mmd" });

        report.Drifted.ShouldBeTrue();
        report.Dataset!.Statistic.ShouldBe(Detectors.Compare(Of(a, 1), Of(b, 1), new DriftSettings { Method = "mmd" }).Dataset!.Statistic, 1e-9);
    }

    // From one end of the numbers to the other: 3.4e308 is none, half of it is.
    [Fact]
    public void Wasserstein_AcrossAllNumbers_IsANumber()
    {
        var (a, b) = (Samples.Of([-1.7e308, 0, 0, 0]), Samples.Of([0, 0, 0, 1.7e308]));

        Distances.Wasserstein(a, b).ShouldBe(0.85e308, 1e295);
        Samples.Of([-1.7e308, 1.7e308]).Quantile(0.5).ShouldBe(0);
    }

    // SciPy 1.10.1: cramervonmises_2samp(arange(400), arange(400) + 395, method='asymptotic'); its series ends after the first term below 1e-7.
    [Fact]
    public void CramerVonMises_FarInTheTail_EqualsSciPy()
    {
        var found = Detectors.Numbers([.. Enumerable.Range(0, 400).Select(i => (double)i)], [.. Enumerable.Range(395, 400).Select(i => (double)i)], "cvm", PValueMode.Asymptotic);

        found.Statistic!.Value.ShouldBe(66.6358828125, 1e-9);
        found.PValue!.Value.ShouldBe(3.677402360402482e-08, 1e-13);
    }

    [Theory]
    [InlineData(50, 40), InlineData(10_000, 50), InlineData(30, 10_000), InlineData(5, 5), InlineData(1, 1)]
    public void Compare_TheSameConstant_IsNoDriftByAnyMethod(int reference, int current)
    {
        foreach (var method in new[] { "ks", "cvm", "wasserstein", "energy", "moments", "js", "psi", "kl", "hellinger", "tv", "chi2", "auto" })
        {
            foreach (var mode in Enum.GetValues<PValueMode>())
            {
                var found = Detectors.Numbers([.. Enumerable.Repeat(3.0, reference)], [.. Enumerable.Repeat(3.0, current)], method, mode);
                (found.Drifted, found.Severity).ShouldBe((false, DriftSeverity.None), $"{method} {mode}");
            }
        }
    }

    [Fact]
    public void Ks_OneValueOnEachSide_HasTheExactPValueHoweverItIsAskedFor()
    {
        var found = Detectors.Numbers([1], [2], "ks", PValueMode.Asymptotic);

        (found.Statistic, found.PValue, found.Rule).ShouldBe((1, 1, "exact p-value"));
    }

    // 60 airports in 80 rows look like text; who asks for a chi-square of them gets one.
    [Fact]
    public void Compare_CodesByAMethodForCategories_AreCategories()
    {
        string[] reference = [.. Enumerable.Range(0, 60).Select(i => $"A{i:00}"), .. Enumerable.Range(0, 20).Select(_ => "A00")];
        string[] current = [.. Enumerable.Range(0, 60).Select(_ => "A00")];

        // SciPy 1.10.1: chi2_contingency([[21] + [1] * 59, [60] + [0] * 59])
        var asked = Text(reference, current, "chi2");
        asked.Type.ShouldBe("string");
        asked.Statistic!.Value.ShouldBe(76.48148148148147, 1e-10);
        Text(reference, current, "auto").Type.ShouldBe("text");
        Text([.. reference.Select(r => $"{r} flew late")], [.. current.Select(r => $"{r} flew late")], "chi2").Type.ShouldBe("text");
    }

    private static DriftColumn Text(string[] reference, string[] current, string method) => Detectors.Column(Texts(reference), Texts(current), method);

    private static StringColumn Texts(string[] values)
    {
        string[] dictionary = [.. values.Distinct()];
        return new StringColumn("x", [.. values.Select(v => Array.IndexOf(dictionary, v))], dictionary, null);
    }

    private static Table Of(double[] values, double unit = Huge) => new(values.Length, [new NumberColumn("x", [.. values.Select(v => v * unit)], null)]);

    private static double[] Normal(int seed, int count, double mean)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => mean + (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
