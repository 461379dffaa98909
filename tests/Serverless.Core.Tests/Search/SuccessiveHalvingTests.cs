using Serverless.Search;

namespace Serverless.Core.Tests.Search;

public sealed class SuccessiveHalvingTests
{
    private static readonly SuccessiveHalving Thirds = new(3, 3);

    // A configuration comes through three rungs when 9 + 3 + 1 trials may be spent, through two when 3 + 1 may.
    [Theory, InlineData(null, 100_000, 3), InlineData(13, 100_000, 3), InlineData(12, 100_000, 2), InlineData(4, 100_000, 2), InlineData(3, 100_000, 1), InlineData(0, 100_000, 1)]
    [InlineData(null, 9000, 3), InlineData(null, 8999, 2), InlineData(null, 3000, 2), InlineData(null, 2999, 1), InlineData(null, 1, 1)]
    public void Within_BudgetAndRows_LeavesOutRungsThatAreNotWorthIt(int? trials, long rows, int rungs) => Thirds.Within(trials, rows).ShouldBe(new SuccessiveHalving(3, rungs));

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
