using Serverless.Datasets;
using Serverless.Drift;

namespace Serverless.Core.Tests.Drift;

/// <summary>How often a method speaks when there is nothing to say, and how often when there is. All runs are seeded.</summary>
public sealed class CalibrationTests
{
    private const int Runs = 400;

    // Of 400 alarms with probability 0.05, 7 to 36 are the middle 99.9 % (binomial). Unequal sizes, because equal ones make the exact tests coarse and so conservative.
    [Theory, InlineData("ks"), InlineData("cvm"), InlineData("chi2"), InlineData("z"), InlineData("auto")]
    public void FalseAlarms_OneDistribution_StayWithinTheBinomialInterval(string method)
    {
        var alarms = Alarms(method, 0, Runs);
        alarms.ShouldBeInRange(7, 36);
    }

    [Theory]
    [InlineData("ks", 0.55, 0.95)]
    [InlineData("cvm", 0.65, 0.97)]
    [InlineData("chi2", 0.35, 0.85)]
    [InlineData("z", 0.45, 0.9)]
    public void Power_GrowingDifference_GrowsAndReachesWhatIsStated(string method, double atMedium, double atLarge)
    {
        var rates = new[] { 0, 0.2, 0.4, 0.7 }.Select(shift => Alarms(method, shift, 150) / 150.0).ToArray();

        for (var i = 1; i < rates.Length; i++) rates[i].ShouldBeGreaterThanOrEqualTo(rates[i - 1] - 0.02);
        rates[2].ShouldBeGreaterThan(atMedium);
        rates[3].ShouldBeGreaterThan(atLarge);
    }

    // Effect sizes are no tests: below their threshold they are silent, above it they speak, whatever the number of rows.
    [Theory, InlineData("wasserstein"), InlineData("energy"), InlineData("js"), InlineData("psi"), InlineData("hellinger"), InlineData("kl"), InlineData("tv"), InlineData("moments"), InlineData("auto")]
    public void Effects_LargeSamples_AreSilentWithoutShiftAndSpeakWithOne(string method)
    {
        int silent = 0, loud = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var reference = Samples.Normal(seed, 2000);
            silent += Detectors.Numbers(reference, Samples.Normal(seed + 1000, 1500), method).Drifted ? 0 : 1;
            loud += Detectors.Numbers(reference, Samples.Normal(seed + 2000, 1500, mean: 0.6), method).Drifted ? 1 : 0;
        }

        silent.ShouldBeGreaterThanOrEqualTo(19);
        loud.ShouldBe(20);
    }

    [Theory, InlineData(PValueCorrection.Bonferroni), InlineData(PValueCorrection.Bh)]
    public void FalseAlarms_TwentyColumnsCorrected_AreAsRareAsOne(PValueCorrection correction)
    {
        var any = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            Table Make(int salt) => Samples.Table([.. Enumerable.Range(0, 20).Select(c => Samples.Numbers($"c{c}", Samples.Normal((seed * 100) + c + salt, 60)))]);
            if (Detectors.Compare(Make(0), Make(1_000_000), new DriftSettings { Correction = correction, Threads = 1 }).Columns.Any(c => c.Drifted)) any++;
        }

        any.ShouldBeInRange(0, 22); // 200 at 0.05: 99.9 % of the binomial lie below 21; KS on equal sizes is conservative, so there is no lower bound
    }

    // auto on a reference of many rows and a current sample of few, and on many categories: chance alone is some way off, and must not be taken for drift.
    [Fact]
    public void Auto_FewCurrentRowsOrManyCategories_StaysSilent()
    {
        int numbers = 0, categories = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            numbers += Detectors.Numbers(Samples.Normal(seed, 2000), Samples.Normal(seed + 500, 40)).Drifted ? 1 : 0;
            categories += Detectors.Column(Codes(seed, 2000), Codes(seed + 500, 2000)).Drifted ? 1 : 0;
        }

        numbers.ShouldBeLessThanOrEqualTo(7); // 5 % of 40, and 99.9 % of the binomial
        categories.ShouldBeLessThanOrEqualTo(7);
    }

    private static StringColumn Codes(int seed, int count)
    {
        var values = Samples.Uniform((ulong)seed + 90_000, count);
        return new("x", [.. values.Select(u => (int)(u * 300))], [.. Enumerable.Range(0, 300).Select(i => $"code {i}")], null);
    }

    private static int Alarms(string method, double shift, int runs)
    {
        var alarms = 0;
        for (var seed = 0; seed < runs; seed++)
        {
            var column = method switch
            {
                "chi2" => Detectors.Column(Six(seed, 211, 0), Six(seed + 100_000, 190, shift), method),
                "z" => Detectors.Column(Flags(seed, 211, 0), Flags(seed + 100_000, 190, shift), method),
                _ => Detectors.Numbers(Samples.Normal(seed, 101), Samples.Normal(seed + 100_000, 90, shift), method),
            };
            if (column.Drifted) alarms++;
        }

        return alarms;
    }

    // Six categories, equally frequent; a shift moves rows from the last to the first.
    private static StringColumn Six(int seed, int count, double shift) => new("x",
        [.. Samples.Uniform((ulong)seed * 31 + 5, count).Select(u => (int)(6 * Math.Pow(u, 1 + shift)))], ["a", "b", "c", "d", "e", "f"], null);

    private static BooleanColumn Flags(int seed, int count, double shift) => new("x", [.. Samples.Uniform((ulong)seed * 37 + 11, count).Select(u => u < 0.4 + (0.3 * shift))], null);
}
