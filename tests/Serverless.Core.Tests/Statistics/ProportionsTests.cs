using Serverless.Statistics;

namespace Serverless.Core.Tests.Statistics;

public sealed class ProportionsTests
{
    // scipy.stats.binomtest(...).proportion_ci(method="wilson"); 15 of 148 is Newcombe's own example.
    [Theory]
    [InlineData(0, 10, 0.95, 0, 0.27753279986288926)]
    [InlineData(10, 10, 0.95, 0.7224672001371109, 1)]
    [InlineData(15, 148, 0.95, 0.06238639953073629, 0.16048724172330803)]
    [InlineData(3, 7, 0.9, 0.18644319036395607, 0.7105229089864071)]
    [InlineData(120, 1000, 0.95, 0.10129926060130914, 0.14160907584771276)]
    public void Wilson_EqualsScipy(int successes, int rows, double confidence, double lower, double upper)
    {
        var interval = Proportions.Wilson(successes, rows, confidence).ShouldNotBeNull();
        interval.Lower.ShouldBe(lower, 1e-14);
        interval.Upper.ShouldBe(upper, 1e-14);
    }

    // R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10; more digits from SciPy's Wilson bounds.
    [Theory]
    [InlineData(56, 70, 48, 80, 0.052431472402364815, 0.3338726540369059)]
    [InlineData(9, 10, 3, 10, 0.17052272393450302, 0.8090179735354881)]
    [InlineData(5, 56, 0, 29, -0.03813714790353688, 0.1925600138551116)]
    [InlineData(10, 10, 0, 10, 0.6075093504305242, 1)]
    public void Newcombe_EqualsThePaper(int first, int firstRows, int second, int secondRows, double lower, double upper)
    {
        var interval = Proportions.Newcombe(first, firstRows, second, secondRows, 0.95).ShouldNotBeNull();
        interval.Lower.ShouldBe(lower, 1e-13);
        interval.Upper.ShouldBe(upper, 1e-13);
    }

    [Fact]
    public void WithoutRows_IsNothing() => (Proportions.Wilson(0, 0, 0.95), Proportions.Newcombe(0, 0, 1, 2, 0.95)).ShouldBe((null, null));
}
