using Serverless.Drift;

namespace Serverless.Core.Tests.Drift;

public sealed class MultipleTestingTests
{
    private static readonly double[] PValues = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216];

    // R's p.adjust(method = "BH"), and statsmodels' fdr_bh.
    [Fact]
    public void Bh_TenPValues_AreAdjustedAsInR()
    {
        var adjusted = MultipleTesting.Adjust(PValues, PValueCorrection.Bh);

        double[] expected = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.74 / 7, 0.216, 0.216, 0.216];
        for (var i = 0; i < expected.Length; i++) adjusted[i].ShouldBe(expected[i], 1e-12);
        adjusted.Count(p => p < 0.05).ShouldBe(2);
    }

    [Fact]
    public void Bh_AnyOrder_KeepsEachPValuesPlace()
    {
        var adjusted = MultipleTesting.Adjust([.. PValues.Reverse()], PValueCorrection.Bh);
        adjusted.Reverse().ShouldBe(MultipleTesting.Adjust(PValues, PValueCorrection.Bh));
    }

    [Fact]
    public void Bonferroni_TenPValues_RejectsOne() => MultipleTesting.Adjust(PValues, PValueCorrection.Bonferroni).Count(p => p < 0.05).ShouldBe(1);

    [Fact]
    public void Adjust_NoneOrNothing_ChangesNothing()
    {
        MultipleTesting.Adjust(PValues, PValueCorrection.None).ShouldBe(PValues);
        MultipleTesting.Adjust([], PValueCorrection.Bh).ShouldBeEmpty();
        MultipleTesting.Adjust([0.9, 0.8], PValueCorrection.Bonferroni).ShouldBe([1, 1]);
    }
}
