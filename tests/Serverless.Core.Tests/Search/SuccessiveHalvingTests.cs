using Serverless.Search;

namespace Serverless.Core.Tests.Search;

public sealed class SuccessiveHalvingTests
{
    private static readonly SuccessiveHalving Thirds = new(3, 3);

    // 27, 9, 3 at factor 3: the classic bracket.
    [Theory]
    [InlineData(39, new[] { 27, 9, 3 })]
    [InlineData(50, new[] { 35, 11, 3 })]
    [InlineData(1, new[] { 1 })]
    [InlineData(0, new int[0])]
    public void Plan_SoManyTrials_SpendsNoMoreThanThem(int trials, int[] expected) => Thirds.Plan(trials).ShouldBe(expected);

    [Fact]
    public void Plan_AnyBudget_IsTheLargestThatFits()
    {
        for (var trials = 1; trials <= 300; trials++)
        {
            var plan = Thirds.Plan(trials);
            plan.Sum().ShouldBeLessThanOrEqualTo(trials);
            Enumerable.Range(0, 3).Sum(r => (plan[0] + 1) / (int)Math.Pow(3, r)).ShouldBeGreaterThan(trials);
        }
    }

    [Fact]
    public void Share_LastRung_IsAllRows()
    {
        Thirds.Share(0).ShouldBe(1 / 9.0, 1e-12);
        Thirds.Share(2).ShouldBe(1);
        new SuccessiveHalving(4, 1).Share(0).ShouldBe(1);
    }

    [Fact]
    public void Promoted_FailedAndEqual_EarlierGoesOnAndFailedNever()
    {
        Thirds.Promoted([(0, 0.4), (1, null), (2, 0.1), (3, 0.4), (4, double.NaN), (5, 0.9)]).ShouldBe([2, 0]);
        Thirds.Promoted([(0, null), (1, null), (2, 0.3), (3, null), (4, null), (5, null)]).ShouldBe([2]);
        Thirds.Promoted([(0, 0.1), (1, 0.2)]).ShouldBeEmpty();
    }
}
