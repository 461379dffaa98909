using CsCheck;
using Serverless.Training;

namespace Serverless.Core.Tests.Training;

public sealed class TimeSplitTests
{
    [Fact]
    public void Last_AnyTimes_NothingOfTheFirstPartIsAsLateAsTheSecond() =>
        Gen.Select(Gen.Long[0, 40].Array[2, 60], Gen.Double[0.01, 0.9]).Sample((ticks, share) =>
        {
            if (TimeSplit.Last(ticks, share) is not { } split)
            {
                ticks.Distinct().Count().ShouldBe(1);
                return;
            }

            split.Before.Length.ShouldBeGreaterThan(0);
            split.From.Length.ShouldBeGreaterThan(0);
            split.Before.Concat(split.From).Order().ShouldBe(Enumerable.Range(0, ticks.Length));
            split.Before.Max(i => ticks[i]).ShouldBeLessThan(split.From.Min(i => ticks[i]));
        });

    [Fact]
    public void Last_TimesThatDiffer_TakesTheShare()
    {
        var (before, from) = TimeSplit.Last([9, 1, 8, 2, 7, 3, 6, 4, 5, 0], 0.2)!.Value;
        from.ShouldBe([0, 2]);
        before.ShouldBe([1, 3, 4, 5, 6, 7, 8, 9]);
    }
}
